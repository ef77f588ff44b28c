/*
 * A PKCS#11 library whose C_Login takes as long as a test wants: it waits at a gate (a FIFO) for one line, and hands the
 * login on to the real library then, with the PIN as it lies in the caller's buffer by that time.
 *
 * Compiled with PIN_PAD it has a reader with keys (CKF_PROTECTED_AUTHENTICATION_PATH): the line is the PIN that the
 * person types on them, or "cancel", the key by which a person gives up. Everything else is the real library's.
 */
#define CRYPTOKI_COMPAT 1
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <string.h>

static CK_FUNCTION_LIST ours;
static CK_FUNCTION_LIST *real;

static void wait_at_gate(char *line, int size)
{
    FILE *gate = fopen(GATE, "r");
    if (!gate || !fgets(line, size, gate))
        *line = 0;
    if (gate)
        fclose(gate);
    line[strcspn(line, "\n")] = 0;
}

#ifdef PIN_PAD
static CK_RV gate_get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    CK_RV rv = real->C_GetTokenInfo(slot, info);
    if (rv == CKR_OK)
        info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    return rv;
}
#endif

static CK_RV gate_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG length)
{
    char typed[64];
    wait_at_gate(typed, sizeof typed);
#ifdef PIN_PAD
    if (pin || length)
        return CKR_ARGUMENTS_BAD;
    if (!strcmp(typed, "cancel"))
        return CKR_FUNCTION_CANCELED;
    pin = (CK_UTF8CHAR *)typed;
    length = strlen(typed);
#endif
    return real->C_Login(session, user, pin, length);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    if (!real) {
        void *library = dlopen(REAL, RTLD_NOW | RTLD_LOCAL);
        CK_RV (*ask)(CK_FUNCTION_LIST **) = library ? (CK_RV(*)(CK_FUNCTION_LIST **))dlsym(library, "C_GetFunctionList") : 0;
        if (!ask || ask(&real) != CKR_OK)
            return CKR_GENERAL_ERROR;
        ours = *real;
        ours.C_GetFunctionList = C_GetFunctionList;
        ours.C_Login = gate_login;
#ifdef PIN_PAD
        ours.C_GetTokenInfo = gate_get_token_info;
#endif
    }
    *list = &ours;
    return CKR_OK;
}
