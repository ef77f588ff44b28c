/*
 * A card host of 32 bits for Windows: frames in, frames out, and between them a vendor's library of 32 bits.
 *
 * `host32 LIBRARY …`. It answers "certificates" with the label of the library's token, and ends with its pipe.
 */
#define CRYPTOKI_COMPAT 1
#include <fcntl.h>
#include <io.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define LABEL_SIZE 32 /* CK_TOKEN_INFO.label, padded with spaces */

static CK_FUNCTION_LIST *open_library(const char *path)
{
    CK_FUNCTION_LIST *functions = NULL;
    HMODULE library = LoadLibraryExA(path, NULL, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32);
    CK_C_GetFunctionList get = library ? (CK_C_GetFunctionList)(void *)GetProcAddress(library, "C_GetFunctionList") : NULL;
    if (!get || get(&functions) != CKR_OK || functions->C_Initialize(NULL) != CKR_OK) {
        fprintf(stderr, "%s: error %lu\n", path, GetLastError());
        exit(1);
    }
    return functions;
}

static void read_label(CK_FUNCTION_LIST *functions, char label[LABEL_SIZE + 1])
{
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;
    CK_TOKEN_INFO info;
    int length = LABEL_SIZE;
    if (functions->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK || functions->C_GetTokenInfo(slots[0], &info) != CKR_OK)
        exit(1);
    memcpy(label, info.label, LABEL_SIZE);
    while (length > 0 && label[length - 1] == ' ')
        length--;
    label[length] = 0;
}

/* Its content, ended by a zero; the next call overwrites it. NULL: the pipe has ended. */
static const char *receive(void)
{
    static char frame[1 << 16];
    unsigned char head[4];
    if (fread(head, 1, 4, stdin) != 4)
        return NULL;
    size_t length = (size_t)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
    if (length >= sizeof frame || fread(frame, 1, length, stdin) != length)
        return NULL;
    frame[length] = 0;
    return frame;
}

static void reply(const char *text)
{
    size_t length = strlen(text);
    for (int shift = 24; shift >= 0; shift -= 8)
        putchar((int)(length >> shift & 0xff));
    fputs(text, stdout);
    fflush(stdout);
}

int main(int count, char **arguments)
{
    char label[LABEL_SIZE + 1], text[1024];
    const char *frame, *id;
    if (count < 2)
        return 1;
    read_label(open_library(arguments[1]), label);
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
    while ((frame = receive())) {
        if (!(id = strstr(frame, "\"id\":")))
            continue; /* hello */
        snprintf(text, sizeof text, "{\"event\":\"taken\",\"id\":%d}", atoi(id + 5));
        reply(text);
        snprintf(text, sizeof text,
                 "{\"id\":%d,\"result\":{\"tokens\":[{\"reader\":\"r\",\"label\":\"%s\",\"profile\":\"unknown\","
                 "\"pinPad\":false,\"tries\":{\"hint\":\"unknown\",\"count\":null,\"max\":null,\"source\":\"profile\"},"
                 "\"certificates\":[]}]}}",
                 atoi(id + 5), label);
        reply(text);
    }
    return 0;
}
