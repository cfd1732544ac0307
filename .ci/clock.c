/* Sets the clock of the programs that load it: `CLOCK_AHEAD` seconds ahead of the machine's.

   For `.ci/day`. Only the time of day is changed. libfaketime would change more than that: with
   version 0.9.10, which Debian 12 has, PostgreSQL finds no deadlock and ends no long query, for its
   timers see the real time while it waits, and Python's time.sleep fails (its issue 426). */

#define _GNU_SOURCE
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t ahead;

__attribute__((constructor)) static void read_environment(void)
{
    const char *seconds = getenv("CLOCK_AHEAD");
    ahead = seconds ? atoll(seconds) : 0;
}

/* Signal handlers call this one: nothing here may take a lock. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += ahead;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now)
{
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (now)
        *now = precise.tv_sec;
    return precise.tv_sec;
}

/* Processes of Python wait for each other until a moment by this clock, which the kernel doesn't know. */
int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until)
{
    struct timespec moment = {until->tv_sec - ahead, until->tv_nsec};
    return sem_clockwait(semaphore, CLOCK_REALTIME, &moment);
}
