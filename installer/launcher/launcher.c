/* card-bridge.exe and card-bridge-cli.exe: `python -m bridge.cli ARGUMENT …` in the Python that is installed beside them.
   WINDOW: a program without a console, which says in a message box why it could not start. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>
#include "build.h"

#define PATH_SPACE 32768 /* the longest path that Windows has, in UTF-16 units */
#define CANNOT_START 120

#ifdef WINDOW
#define INTERPRETER L"pythonw.exe"
#else
#define INTERPRETER L"python.exe"
#endif

typedef int (*PythonMain)(int, wchar_t **);

static wchar_t library[PATH_SPACE], interpreter[PATH_SPACE];

static int fail(const wchar_t *what)
{
    wchar_t text[PATH_SPACE + 64];
    _snwprintf(text, sizeof text / sizeof *text, L"Card Bridge cannot start: %ls (error %lu)", what, GetLastError());
#ifdef WINDOW
    MessageBoxW(NULL, text, L"Card Bridge", MB_ICONERROR | MB_OK);
#else
    fwprintf(stderr, L"%ls\n", text);
#endif
    return CANNOT_START;
}

/* runtime\ stands beside this program, wherever that was installed. */
static int find_runtime(void)
{
    wchar_t own[PATH_SPACE];
    DWORD length = GetModuleFileNameW(NULL, own, PATH_SPACE);
    wchar_t *end = length && length < PATH_SPACE ? wcsrchr(own, L'\\') : NULL;
    if (!end)
        return 0;
    *end = 0;
    return _snwprintf(library, PATH_SPACE, L"%ls\\runtime\\" PYTHON_DLL, own) > 0
        && _snwprintf(interpreter, PATH_SPACE, L"%ls\\runtime\\" INTERPRETER, own) > 0;
}

/* By full path, its dependencies from its own folder and System32: nothing from the working folder or PATH. */
static PythonMain load_python(void)
{
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    HMODULE python = LoadLibraryExW(library, NULL, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32);
    return python ? (PythonMain)(void *)GetProcAddress(python, "Py_Main") : NULL;
}

/* -I: no environment, no user's packages. -B: no .pyc, which an uninstallation would leave behind.
   The first argument becomes sys.executable, by which the bridge starts its card host and its windows. */
int wmain(int count, wchar_t **given)
{
    static wchar_t *own[] = {interpreter, L"-I", L"-B", L"-X", L"utf8", L"-m", L"bridge.cli"};
    const int owned = sizeof own / sizeof *own;
    if (!find_runtime())
        return fail(L"its own folder");
    PythonMain python_main = load_python();
    if (!python_main)
        return fail(library);
    wchar_t **all = calloc(owned + count, sizeof *all);
    if (!all)
        return fail(L"memory");
    memcpy(all, own, sizeof own);
    for (int each = 1; each < count; each++)
        all[owned + each - 1] = given[each];
    return python_main(owned + count - 1, all);
}
