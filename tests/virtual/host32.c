/*
 * A card host of 32 bits that shares no line, no library and no interpreter with ours: frames in, frames out.
 *
 * Freestanding, so that it needs no 32-bit C library. It answers "certificates" with one token whose label tells how
 * long its pointers are, and ends with its pipe.
 */
static char frame[1 << 16];

static long call(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

static void leave(void)
{
    call(1, 0, 0, 0);
    __builtin_unreachable();
}

static void read_all(char *to, long length)
{
    while (length > 0) {
        long count = call(3, 0, (long)to, length);
        if (count <= 0)
            leave();
        to += count;
        length -= count;
    }
}

static long length_of(const char *text)
{
    long length = 0;
    while (text[length])
        length++;
    return length;
}

static const char *after(const char *text, const char *wanted)
{
    long length = length_of(wanted);
    for (; *text; text++) {
        long same = 0;
        while (same < length && text[same] == wanted[same])
            same++;
        if (same == length)
            return text + length;
    }
    return 0;
}

static long append(char *to, const char *text)
{
    long length = length_of(text);
    for (long i = 0; i < length; i++)
        to[i] = text[i];
    return length;
}

/* One frame: its parts in a row behind four bytes of length, the highest first. */
static void send(const char *before, const char *number, const char *behind)
{
    static char out[4096];
    long length = 4 + append(out + 4, before);
    while (*number >= '0' && *number <= '9')
        out[length++] = *number++;
    length += append(out + length, behind);
    for (int i = 0; i < 4; i++)
        out[i] = (char)((length - 4) >> (24 - 8 * i));
    call(4, 1, (long)out, length);
}

void _start(void)
{
    static char token[] = ",\"result\":{\"tokens\":[{\"reader\":\"r\",\"label\":\"pointers of 0 bytes\",\"profile\":\"unknown\","
                          "\"pinPad\":false,\"tries\":{\"hint\":\"unknown\",\"count\":null,\"max\":null,"
                          "\"source\":\"profile\"},\"certificates\":[]}]}}";
    *((char *)after(token, "pointers of ")) = '0' + sizeof(void *);
    for (;;) {
        unsigned char head[4];
        const char *id;
        read_all((char *)head, 4);
        long length = (long)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
        if (length >= (long)sizeof frame)
            leave();
        read_all(frame, length);
        frame[length] = 0;
        if (!(id = after(frame, "\"id\":")))
            continue; /* hello */
        send("{\"event\":\"taken\",\"id\":", id, "}");
        send("{\"id\":", id, token);
    }
}
