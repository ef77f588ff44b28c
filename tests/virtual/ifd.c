/*
 * A reader driver for pcscd (IFD handler 3.0, "serial" kind) whose reader is a unix socket: DEVICENAME in the reader
 * configuration is the socket's path, and a test listens there with its card.
 *
 * Frames in both directions: two bytes of length (big endian), then the payload. One byte of payload is a command to
 * the reader (power off, power on, reset: no answer; ATR: the answer is the ATR, or empty while no card is there);
 * more is a command APDU, whose answer is the response APDU, or empty when the card was pulled out.
 */
#include <ifdhandler.h>
#include <pthread.h>
#include <reader.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { READERS = 16, FRAME = 65535, GIVE_UP_SECONDS = 120, LOOK_EVERY_MICROSECONDS = 50000 };
enum { POWER_OFF = 0, POWER_ON = 1, WARM_RESET = 2, ASK_ATR = 4 };

struct reader {
    struct sockaddr_un address;
    int socket;
    pthread_mutex_t busy;
};

static struct reader readers[READERS];

/* The high word of the logical unit number counts readers; the low word counts a reader's slots, and ours has one. */
static struct reader *reader_of(DWORD lun) { return &readers[(lun >> 16) % READERS]; }

static int send_all(int socket, const unsigned char *bytes, size_t left)
{
    while (left > 0) {
        ssize_t sent = send(socket, bytes, left, MSG_NOSIGNAL);
        if (sent <= 0)
            return -1;
        bytes += sent;
        left -= (size_t)sent;
    }
    return 0;
}

static int receive_all(int socket, unsigned char *bytes, size_t left)
{
    while (left > 0) {
        ssize_t got = recv(socket, bytes, left, 0);
        if (got <= 0)
            return -1;
        bytes += got;
        left -= (size_t)got;
    }
    return 0;
}

static void hang_up(struct reader *reader)
{
    if (reader->socket >= 0)
        close(reader->socket);
    reader->socket = -1;
}

/* The test may start its end later, or end it and start again: dial whenever the line is dead. */
static int dial(struct reader *reader)
{
    struct timeval give_up = {.tv_sec = GIVE_UP_SECONDS};
    if (reader->socket >= 0)
        return 0;
    reader->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (reader->socket < 0)
        return -1;
    setsockopt(reader->socket, SOL_SOCKET, SO_RCVTIMEO, &give_up, sizeof give_up);
    if (connect(reader->socket, (struct sockaddr *)&reader->address, sizeof reader->address) == 0)
        return 0;
    hang_up(reader);
    return -1;
}

static int put_frame(struct reader *reader, const unsigned char *payload, size_t length)
{
    unsigned char frame[2 + FRAME];
    if (length > FRAME || dial(reader))
        return -1;
    frame[0] = (unsigned char)(length >> 8);
    frame[1] = (unsigned char)length;
    memcpy(frame + 2, payload, length);
    if (send_all(reader->socket, frame, length + 2) == 0)
        return 0;
    hang_up(reader);
    return -1;
}

/* Returns the length of the answer, or -1. */
static int get_frame(struct reader *reader, unsigned char *payload, size_t capacity)
{
    unsigned char header[2];
    if (receive_all(reader->socket, header, sizeof header) == 0) {
        size_t length = (size_t)header[0] << 8 | header[1];
        if (length <= capacity && receive_all(reader->socket, payload, length) == 0)
            return (int)length;
    }
    hang_up(reader);
    return -1;
}

static int command(struct reader *reader, unsigned char code) { return put_frame(reader, &code, 1); }

static RESPONSECODE read_atr(struct reader *reader, PUCHAR atr, PDWORD length)
{
    int got = command(reader, ASK_ATR) ? -1 : get_frame(reader, atr, MAX_ATR_SIZE);
    *length = got > 0 ? (DWORD)got : 0;
    return got > 0 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR path)
{
    struct reader *reader = reader_of(lun);
    if (strlen(path) >= sizeof reader->address.sun_path)
        return IFD_COMMUNICATION_ERROR;
    memset(reader, 0, sizeof *reader);
    reader->address.sun_family = AF_UNIX;
    strcpy(reader->address.sun_path, path);
    reader->socket = -1;
    pthread_mutex_init(&reader->busy, NULL);
    return IFD_SUCCESS;
}

RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel)
{
    (void)lun, (void)channel;
    return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHCloseChannel(DWORD lun)
{
    struct reader *reader = reader_of(lun);
    pthread_mutex_lock(&reader->busy);
    hang_up(reader);
    pthread_mutex_unlock(&reader->busy);
    return IFD_SUCCESS;
}

/* pcscd looks whether a card is there after each return; by itself it would look every 0.4 s. */
static RESPONSECODE wait_for_movement(DWORD lun, int timeout)
{
    (void)lun, (void)timeout;
    usleep(LOOK_EVERY_MICROSECONDS);
    return IFD_SUCCESS;
}

static RESPONSECODE one_byte(PDWORD length, PUCHAR value, UCHAR byte)
{
    *value = byte;
    *length = 1;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value)
{
    struct reader *reader = reader_of(lun);
    RESPONSECODE (*waiter)(DWORD, int) = wait_for_movement;
    RESPONSECODE result;
    switch (tag) {
    case TAG_IFD_ATR:
        pthread_mutex_lock(&reader->busy);
        result = read_atr(reader, value, length);
        pthread_mutex_unlock(&reader->busy);
        return result;
    case TAG_IFD_SIMULTANEOUS_ACCESS:
        return one_byte(length, value, READERS);
    case TAG_IFD_SLOTS_NUMBER:
    case TAG_IFD_THREAD_SAFE: /* one slow reader must not hold up another */
        return one_byte(length, value, 1);
    case TAG_IFD_POLLING_THREAD_KILLABLE:
        return one_byte(length, value, 1);
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
        memcpy(value, &waiter, sizeof waiter);
        *length = sizeof waiter;
        return IFD_SUCCESS;
    case TAG_IFD_SLOT_THREAD_SAFE:
        return one_byte(length, value, 0);
    }
    *length = 0;
    return IFD_ERROR_TAG;
}

RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value)
{
    (void)lun, (void)tag, (void)length, (void)value;
    return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1, UCHAR pts2, UCHAR pts3)
{
    (void)lun, (void)protocol, (void)flags, (void)pts1, (void)pts2, (void)pts3;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD length)
{
    struct reader *reader = reader_of(lun);
    RESPONSECODE result = IFD_SUCCESS;
    pthread_mutex_lock(&reader->busy);
    *length = 0;
    if (action == IFD_POWER_DOWN)
        command(reader, POWER_OFF);
    else if (command(reader, action == IFD_RESET ? WARM_RESET : POWER_ON))
        result = IFD_ERROR_POWER_ACTION;
    else
        result = read_atr(reader, atr, length);
    pthread_mutex_unlock(&reader->busy);
    return result;
}

RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER sent, PUCHAR apdu, DWORD apdu_length, PUCHAR answer,
                               PDWORD answer_length, PSCARD_IO_HEADER received)
{
    struct reader *reader = reader_of(lun);
    int got;
    (void)sent;
    pthread_mutex_lock(&reader->busy);
    got = put_frame(reader, apdu, apdu_length) ? -1 : get_frame(reader, answer, *answer_length);
    pthread_mutex_unlock(&reader->busy);
    *answer_length = got > 0 ? (DWORD)got : 0;
    if (received)
        received->Protocol = 1;
    return got > 0 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR sent, DWORD sent_length, PUCHAR received, DWORD capacity,
                         LPDWORD received_length)
{
    (void)lun, (void)code, (void)sent, (void)sent_length, (void)received, (void)capacity;
    if (received_length)
        *received_length = 0;
    return IFD_ERROR_NOT_SUPPORTED;
}

RESPONSECODE IFDHICCPresence(DWORD lun)
{
    struct reader *reader = reader_of(lun);
    unsigned char atr[MAX_ATR_SIZE];
    DWORD length;
    RESPONSECODE result;
    pthread_mutex_lock(&reader->busy);
    if (dial(reader))
        result = IFD_NO_SUCH_DEVICE; /* unplugged: nobody listens */
    else
        result = read_atr(reader, atr, &length) == IFD_SUCCESS ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
    pthread_mutex_unlock(&reader->busy);
    return result;
}
