/* SPDX-License-Identifier: Apache-2.0
 * Preloaded into a gateway by a test: its wall clock is that of the system and as many seconds as stand in the file
 * CLOCK_SHIFT_FILE (a double), which the test may change at any time. The steady clock stays as it is. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile double *shift_of_file(void)
{
    static const volatile double none = 0;
    static const volatile double *shift;
    if (!shift)
    {
        const char *name = getenv("CLOCK_SHIFT_FILE");
        const int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
        void *const page = file < 0 ? MAP_FAILED : mmap(0, sizeof(double), PROT_READ, MAP_SHARED, file, 0);
        if (file >= 0)
            close(file);
        shift = page == MAP_FAILED ? &none : page;
    }
    return shift;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    const int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && clock == CLOCK_REALTIME)
        time->tv_sec += (time_t)*shift_of_file();
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    const int result = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
