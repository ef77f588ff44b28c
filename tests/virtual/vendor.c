/*
 * A vendor's PKCS#11 library for tests: hands every call on to SoftHSM, and misbehaves as its plan says.
 *
 * VENDOR_PLAN (compiled in) names a file of lines "C_Function fault". It is read at every call, so that a test changes
 * its mind while the card host runs. Faults: crash, hang, print (on standard output, as debug builds of vendors do),
 * garbage (success with nonsense), refuse (CKR_DEVICE_ERROR). "C_GetMechanismInfo encrypts" says of every mechanism
 * that it is for encryption alone. "C_GetAttributeValue old" and "C_GetTokenInfo old" know no attribute and no
 * flag that came after PKCS#11 2.01.
 *
 * Two things that are no faults: "mechanism 0x1" lines make those the only ones that the token signs by, and
 * "C_GetTokenInfo pad" gives it a reader with keys: PINs are then typed there, a line each of the plan's file with
 * ".pad" behind its name, and one that a program passes is refused. No line left: given up at the keys.
 */
#define CRYPTOKI_COMPAT 1
#define _DEFAULT_SOURCE 1
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

/* Without any "mechanism" line, every mechanism. */
static int offered(CK_MECHANISM_TYPE mechanism)
{
    char line[128];
    FILE *plan = fopen(VENDOR_PLAN, "r");
    unsigned long named;
    int some = 0, found = 0;

    while (plan && fgets(line, sizeof line, plan))
        if (sscanf(line, "mechanism %lx", &named) == 1) {
            some = 1;
            found |= named == mechanism;
        }
    if (plan)
        fclose(plan);
    return found || !some;
}

/* The next line that is typed on the reader, taken out of the file; 0: none. */
static size_t typed(char *pin, size_t size)
{
    char rest[512];
    FILE *pad = fopen(VENDOR_PLAN ".pad", "r");
    int some = pad && fgets(pin, (int)size, pad);
    size_t kept = some ? fread(rest, 1, sizeof rest, pad) : 0;

    if (pad)
        fclose(pad);
    if (!some || !(pad = fopen(VENDOR_PLAN ".pad", "w")))
        return 0;
    fwrite(rest, 1, kept, pad);
    fclose(pad);
    explicit_bzero(rest, sizeof rest);
    return strcspn(pin, "\n");
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
    if (rv == CKR_OK && planned("C_GetTokenInfo", "old"))
        info->flags &= 0x3ff; /* CKF_TOKEN_INITIALIZED and what is above it came with 2.11 */
    if (rv == CKR_OK && planned("C_GetTokenInfo", "pad"))
        info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    return rv;
}

static CK_RV vendor_get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
    CK_MECHANISM_TYPE all[512];
    CK_ULONG total = sizeof all / sizeof *all, kept = 0;
    CK_RV rv = real->C_GetMechanismList(slot, all, &total);

    for (CK_ULONG i = 0; rv == CKR_OK && i < total; i++)
        if (offered(all[i])) {
            if (list && kept < *count)
                list[kept] = all[i];
            kept++;
        }
    *count = kept;
    return rv;
}

static CK_RV vendor_get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE mechanism, CK_MECHANISM_INFO *info)
{
    CK_RV rv = before("C_GetMechanismInfo");
    if (rv)
        return rv;
    rv = real->C_GetMechanismInfo(slot, mechanism, info);
    if (rv == CKR_OK && planned("C_GetMechanismInfo", "encrypts"))
        info->flags = CKF_ENCRYPT;
    return rv;
}

static CK_RV vendor_sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    return offered(mechanism->mechanism) ? real->C_SignInit(session, mechanism, key) : CKR_MECHANISM_INVALID;
}

static CK_RV login_at_the_pad(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin)
{
    char line[64];
    size_t length;
    CK_RV rv;

    if (pin)
        return CKR_ARGUMENTS_BAD;
    length = typed(line, sizeof line);
    rv = length ? real->C_Login(session, user, (CK_UTF8CHAR *)line, length) : CKR_FUNCTION_CANCELED;
    explicit_bzero(line, sizeof line);
    return rv;
}

static CK_RV vendor_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG length)
{
    CK_RV rv = before("C_Login");
    if (rv == CKR_OK && planned("C_GetTokenInfo", "pad"))
        return login_at_the_pad(session, user, pin);
    if (planned("C_Login", "print")) {
        printf("{\"id\":1,\"result\":{\"pin\":\"%.*s\"}}\n", (int)length, (const char *)pin);
        fflush(stdout);
    }
    return rv ? rv : real->C_Login(session, user, pin, length);
}

/* CKA_ALWAYS_AUTHENTICATE came with 2.20, CKA_ALLOWED_MECHANISMS too. */
static int is_new(CK_ATTRIBUTE_TYPE type)
{
    return type == CKA_ALWAYS_AUTHENTICATE || type == CKA_ALLOWED_MECHANISMS;
}

static CK_RV vendor_get_attribute_value(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *list, CK_ULONG count)
{
    CK_RV rv = before("C_GetAttributeValue");
    if (rv)
        return rv;
    for (CK_ULONG i = 0; planned("C_GetAttributeValue", "old") && i < count; i++)
        if (is_new(list[i].type)) {
            list[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
            return CKR_ATTRIBUTE_TYPE_INVALID;
        }
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
        ours.C_GetMechanismList = vendor_get_mechanism_list;
        ours.C_GetMechanismInfo = vendor_get_mechanism_info;
        ours.C_Login = vendor_login;
        ours.C_SignInit = vendor_sign_init;
        ours.C_GetAttributeValue = vendor_get_attribute_value;
        ours.C_Sign = vendor_sign;
    }
    *list = &ours;
    return CKR_OK;
}
