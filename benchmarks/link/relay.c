/* Copyright (c) 2026, webdeploy.ftp contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A long line between two network namespaces: packets from one TUN device to the other, later and no faster than a
 * real line would bring them. The kernel's own means for this (netem) is missing on many machines.
 *
 *     relay RTT_US RATE_BITS QUEUE_US CLIENT_ADDRESS SERVER_ADDRESS
 *
 * Prints "ready FD FD": the namespaces of client and server, which others enter as /proc/PID/fd/FD. They exist as long
 * as this process and those in them, and it ends with its standard input; nothing has to be cleaned up. On standard
 * input: "port N" to count the turns of connections to that port of the server, "reset", and "stats", which prints a
 * line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { UP, DOWN }; /* UP: from the client to the server */

#define MTU 1500
#define SLOTS 32768 /* packets on their way in one direction */

struct slot {
	uint64_t due;
	uint32_t len;
	unsigned char data[MTU + 36];
};

struct counters {
	_Atomic uint64_t packets, bytes, dropped, syn;
};

struct way {
	int dir, in, out;
	uint64_t delay, queue, free_at; /* nanoseconds */
	uint32_t head, tail;
	struct slot *ring;
	struct counters count;
};

static struct way ways[2];
static uint64_t rate;
static _Atomic uint32_t port;
static _Atomic uint64_t turns;
static _Atomic uint8_t last_way[65536]; /* by the client's port: 1 + the way of the last data */

static void die(const char *what)
{
	fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* A turn: the client sends after it has heard something, that is, it waited for a round trip. */
static void look(struct way *w, const unsigned char *ip, uint32_t len)
{
	if (len < 40 || ip[0] >> 4 != 4 || ip[9] != IPPROTO_TCP)
		return;
	const unsigned char *tcp = ip + (ip[0] & 15) * 4;
	uint32_t header = (uint32_t)(tcp - ip) + (tcp[12] >> 4) * 4u;
	if ((tcp[13] & 0x12) == 0x02)
		atomic_fetch_add(&w->count.syn, 1);
	uint32_t from = tcp[0] << 8 | tcp[1], to = tcp[2] << 8 | tcp[3];
	if (len <= header || (w->dir == UP ? to : from) != port)
		return;
	uint32_t client = w->dir == UP ? from : to;
	uint8_t before = atomic_exchange(&last_way[client], (uint8_t)(1 + w->dir));
	if (w->dir == UP && before != 1 + UP)
		atomic_fetch_add(&turns, 1);
}

static void take_in(struct way *w)
{
	for (int i = 0; i < 64; i++) {
		struct slot *s = &w->ring[w->tail % SLOTS];
		ssize_t n = read(w->in, s->data, sizeof s->data);
		if (n <= 0)
			return;
		uint64_t now = now_ns(), start = w->free_at > now ? w->free_at : now;
		look(w, s->data, (uint32_t)n);
		if (w->tail - w->head >= SLOTS - 1 || start - now > w->queue) {
			atomic_fetch_add(&w->count.dropped, 1);
			continue;
		}
		if (rate)
			w->free_at = start + (uint64_t)n * 8000000000u / rate;
		s->due = (rate ? w->free_at : now) + w->delay;
		s->len = (uint32_t)n;
		w->tail++;
		atomic_fetch_add(&w->count.packets, 1);
		atomic_fetch_add(&w->count.bytes, (uint64_t)n);
	}
}

static void *carry(void *arg)
{
	struct way *w = arg;
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	for (;;) {
		struct timespec left = {0, 0}, *wait = NULL;
		while (w->head != w->tail) {
			struct slot *s = &w->ring[w->head % SLOTS];
			uint64_t now = now_ns();
			if (s->due > now) {
				left.tv_sec = (time_t)((s->due - now) / 1000000000u);
				left.tv_nsec = (long)((s->due - now) % 1000000000u);
				wait = &left;
				break;
			}
			if (write(w->out, s->data, s->len) < 0)
				atomic_fetch_add(&w->count.dropped, 1);
			w->head++;
		}
		struct pollfd p = {w->in, POLLIN, 0};
		if (ppoll(&p, 1, wait, NULL) > 0)
			take_in(w);
	}
	return NULL;
}

static void set_address(int sock, unsigned long request, struct ifreq *ifr, const char *text)
{
	struct sockaddr_in *address = (struct sockaddr_in *)&ifr->ifr_addr;
	memset(address, 0, sizeof *address);
	address->sin_family = AF_INET;
	if (inet_pton(AF_INET, text, &address->sin_addr) != 1 || ioctl(sock, request, ifr))
		die(text);
}

static void bring_up(int sock, struct ifreq *ifr)
{
	if (ioctl(sock, SIOCGIFFLAGS, ifr))
		die(ifr->ifr_name);
	ifr->ifr_flags |= IFF_UP;
	if (ioctl(sock, SIOCSIFFLAGS, ifr))
		die(ifr->ifr_name);
}

static void set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		fprintf(stderr, "relay: %s stays as it is\n", path);
	if (fd >= 0)
		close(fd);
}

/*
 * What most machines use. A namespace takes as its own only what the first namespace allows to everybody, so it is
 * allowed for the moment. Gives what was allowed before, or NULL.
 */
static const char ALLOWED[] = "/proc/sys/net/ipv4/tcp_allowed_congestion_control";

static const char *allow_cubic(void)
{
	static char before[512];
	char now[600];
	int fd = open(ALLOWED, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, before, sizeof before - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0 || strstr(before, "cubic"))
		return NULL;
	before[strcspn(before, "\n")] = 0;
	snprintf(now, sizeof now, "%s cubic", before);
	set(ALLOWED, now);
	return before;
}

/* Makes a namespace with one TUN device and gives the device; this process is in that namespace afterwards. */
static int make_side(const char *own, const char *other)
{
	if (unshare(CLONE_NEWNET))
		die("unshare");
	int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct ifreq ifr = {0};
	strcpy(ifr.ifr_name, "line");
	ifr.ifr_flags = IFF_TUN | IFF_NO_PI;
	if (tun < 0 || ioctl(tun, TUNSETIFF, &ifr))
		die("/dev/net/tun");
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	set_address(sock, SIOCSIFADDR, &ifr, own);
	set_address(sock, SIOCSIFDSTADDR, &ifr, other);
	ifr.ifr_qlen = 20000;
	if (ioctl(sock, SIOCSIFTXQLEN, &ifr))
		die("txqueuelen");
	bring_up(sock, &ifr);
	strcpy(ifr.ifr_name, "lo");
	bring_up(sock, &ifr);
	close(sock);
	set("/proc/sys/net/ipv4/tcp_congestion_control", "cubic");
	/* What one run learned of the line must not help the next one. */
	set("/proc/sys/net/ipv4/tcp_no_metrics_save", "1");
	set("/proc/sys/net/ipv4/ip_local_port_range", "15000 45000");
	return tun;
}

static void print_stats(void)
{
	static const char *const names[2] = {"up", "down"};
	printf("{\"turns\": %llu", (unsigned long long)turns);
	for (int d = 0; d < 2; d++) {
		struct counters *c = &ways[d].count;
		printf(", \"%s\": {\"packets\": %llu, \"bytes\": %llu, \"dropped\": %llu, \"connections\": %llu}", names[d],
		       (unsigned long long)c->packets, (unsigned long long)c->bytes, (unsigned long long)c->dropped,
		       (unsigned long long)c->syn);
	}
	printf("}\n");
	fflush(stdout);
}

static void obey(const char *line)
{
	if (!strncmp(line, "port ", 5)) {
		port = (uint32_t)atoi(line + 5);
	} else if (!strcmp(line, "reset\n")) {
		turns = 0;
		for (int d = 0; d < 2; d++)
			memset((void *)&ways[d].count, 0, sizeof ways[d].count);
		memset((void *)last_way, 0, sizeof last_way);
	} else {
		print_stats();
	}
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		fprintf(stderr, "usage: relay RTT_US RATE_BITS QUEUE_US CLIENT_ADDRESS SERVER_ADDRESS\n");
		return 2;
	}
	rate = strtoull(argv[2], NULL, 10);
	int tun[2], spaces[2], first = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	const char *allowed = allow_cubic();
	for (int side = 0; side < 2; side++) {
		tun[side] = make_side(argv[4 + side], argv[5 - side]);
		spaces[side] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	}
	if (allowed && !setns(first, CLONE_NEWNET))
		set(ALLOWED, allowed);
	for (int d = 0; d < 2; d++) {
		struct way *w = &ways[d];
		w->dir = d;
		w->in = tun[d];
		w->out = tun[!d];
		w->delay = strtoull(argv[1], NULL, 10) * 500u;
		w->queue = strtoull(argv[3], NULL, 10) * 1000u;
		w->ring = mmap(NULL, SLOTS * sizeof *w->ring, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (w->ring == MAP_FAILED)
			die("mmap");
		pthread_t thread;
		if (pthread_create(&thread, NULL, carry, w))
			die("pthread_create");
		/* Keeps time when other programs load the machine. */
		struct sched_param priority = {.sched_priority = 5};
		pthread_setschedparam(thread, SCHED_FIFO, &priority);
	}
	printf("ready %d %d\n", spaces[0], spaces[1]);
	fflush(stdout);
	char line[64];
	while (fgets(line, sizeof line, stdin))
		obey(line);
	return 0;
}
