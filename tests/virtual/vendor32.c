/*
 * A vendor's PKCS#11 library of 32 bits, for Windows: one token, whose label tells how long its pointers are.
 * Structures are packed to one byte and CK_ULONG has 32 bits, as PKCS#11 2.40 §2.1 wants it on Windows.
 */
#define CRYPTOKI_COMPAT 1
#define CRYPTOKI_EXPORTS 1
#include <p11-kit/pkcs11.h>
#include <string.h>

static CK_FUNCTION_LIST functions;

static CK_RV initialize(void *arguments)
{
    (void)arguments;
    return CKR_OK;
}

static CK_RV finalize(void *reserved)
{
    return reserved ? CKR_ARGUMENTS_BAD : CKR_OK;
}

static CK_RV slots(CK_BBOOL with_token, CK_SLOT_ID *list, CK_ULONG *count)
{
    (void)with_token;
    if (list)
        list[0] = 7;
    *count = 1;
    return CKR_OK;
}

static CK_RV token(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    if (slot != 7)
        return CKR_SLOT_ID_INVALID;
    memset(info, ' ', sizeof *info);
    memcpy(info->label, "library of 0 bytes", 18);
    info->label[11] = (unsigned char)('0' + sizeof(void *));
    return CKR_OK;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    functions.version.major = 2;
    functions.version.minor = 40;
    functions.C_Initialize = initialize;
    functions.C_Finalize = finalize;
    functions.C_GetSlotList = slots;
    functions.C_GetTokenInfo = token;
    *list = &functions;
    return CKR_OK;
}
