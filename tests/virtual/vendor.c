/*
 * A vendor's PKCS#11 library for tests: hands every call on to SoftHSM, and misbehaves as its plan says.
 *
 * VENDOR_PLAN (compiled in) names a file of lines "C_Function fault". It is read at every call, so that a test changes
 * its mind while the card host runs. Faults: crash, hang, print (on standard output, as debug builds of vendors do),
 * garbage (success with nonsense), refuse (CKR_DEVICE_ERROR).
 */
#define CRYPTOKI_COMPAT 1
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef VENDOR_PLAN
#error "compile with -DVENDOR_PLAN and -DVENDOR_REAL"
#endif

static CK_FUNCTION_LIST ours;
static CK_FUNCTION_LIST *real;

static int planned(const char *function, const char *fault)
{
    char line[128], wanted[128];
    FILE *plan = fopen(VENDOR_PLAN, "r");
    int found = 0;

    snprintf(wanted, sizeof wanted, "%s %s\n", function, fault);
    while (plan && fgets(line, sizeof line, plan))
        found |= !strcmp(line, wanted);
    if (plan)
        fclose(plan);
    return found;
}

/* CKR_OK: go on with the real call. */
static CK_RV before(const char *function)
{
    if (planned(function, "crash"))
        *(volatile int *)0 = 0;
    while (planned(function, "hang"))
        pause();
    if (planned(function, "refuse"))
        return CKR_DEVICE_ERROR;
    return CKR_OK;
}

static CK_RV vendor_initialize(void *arguments)
{
    CK_RV rv = before("C_Initialize");
    return rv ? rv : real->C_Initialize(arguments);
}

static CK_RV vendor_get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count)
{
    CK_RV rv = before("C_GetSlotList");
    return rv ? rv : real->C_GetSlotList(present, slots, count);
}

static CK_RV vendor_get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    CK_RV rv = before("C_GetTokenInfo");
    if (rv)
        return rv;
    rv = real->C_GetTokenInfo(slot, info);
    if (rv == CKR_OK && planned("C_GetTokenInfo", "garbage")) {
        CK_FLAGS flags = info->flags;
        memset(info, 0xfe, sizeof *info); /* no UTF-8, lengths beyond reason */
        info->flags = flags;
    }
    return rv;
}

static CK_RV vendor_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG length)
{
    CK_RV rv = before("C_Login");
    if (planned("C_Login", "print")) {
        printf("{\"id\":1,\"result\":{\"pin\":\"%.*s\"}}\n", (int)length, (const char *)pin);
        fflush(stdout);
    }
    return rv ? rv : real->C_Login(session, user, pin, length);
}

static CK_RV vendor_get_attribute_value(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *list, CK_ULONG count)
{
    CK_RV rv = before("C_GetAttributeValue");
    if (rv)
        return rv;
    rv = real->C_GetAttributeValue(s, object, list, count);
    for (CK_ULONG i = 0; rv == CKR_OK && planned("C_GetAttributeValue", "garbage") && i < count; i++)
        if (list[i].type == CKA_VALUE && list[i].pValue)
            memset(list[i].pValue, 0xfe, list[i].ulValueLen);
    return rv;
}

static CK_RV vendor_sign(CK_SESSION_HANDLE s, CK_BYTE *data, CK_ULONG length, CK_BYTE *signature, CK_ULONG *written)
{
    CK_RV rv = before("C_Sign");
    if (rv)
        return rv;
    rv = real->C_Sign(s, data, length, signature, written);
    if (rv == CKR_OK && signature && planned("C_Sign", "garbage"))
        memset(signature, 0xfe, *written);
    return rv;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    if (!real) {
        void *library = dlopen(VENDOR_REAL, RTLD_NOW | RTLD_LOCAL);
        CK_RV (*ask)(CK_FUNCTION_LIST **) = library ? (CK_RV(*)(CK_FUNCTION_LIST **))dlsym(library, "C_GetFunctionList") : 0;
        if (!ask || ask(&real) != CKR_OK)
            return CKR_GENERAL_ERROR;
        ours = *real;
        ours.C_Initialize = vendor_initialize;
        ours.C_GetFunctionList = C_GetFunctionList;
        ours.C_GetSlotList = vendor_get_slot_list;
        ours.C_GetTokenInfo = vendor_get_token_info;
        ours.C_Login = vendor_login;
        ours.C_GetAttributeValue = vendor_get_attribute_value;
        ours.C_Sign = vendor_sign;
    }
    *list = &ours;
    return CKR_OK;
}
