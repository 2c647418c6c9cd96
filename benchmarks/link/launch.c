/* Copyright (c) 2026, webdeploy.ftp contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs a command in a network namespace and notes what it cost: launch NAMESPACE|- RESULT|- COMMAND...
 *
 * A process' peak memory starts with that of the process that forked it, so whoever measures has to be small.
 * Without RESULT the command takes this process' place, and nothing is measured.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double in_seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void run(char **command)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(command[0], command);
	fprintf(stderr, "launch: %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: launch NAMESPACE|- RESULT|- COMMAND...\n");
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (strcmp(argv[1], "-")) {
		int space = open(argv[1], O_RDONLY | O_CLOEXEC);
		if (space < 0 || setns(space, CLONE_NEWNET)) {
			perror("launch: setns");
			return 126;
		}
	}
	if (!strcmp(argv[2], "-"))
		run(argv + 3);
	double started = seconds();
	pid_t pid = fork();
	if (!pid)
		run(argv + 3);
	int status;
	struct rusage used;
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid) {
		perror("launch");
		return 126;
	}
	double ended = seconds();
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	FILE *result = fopen(argv[2], "w");
	if (!result) {
		perror(argv[2]);
		return 126;
	}
	fprintf(result, "{\"seconds\": %.6f, \"user\": %.6f, \"system\": %.6f, \"peak_kb\": %ld, \"code\": %d}\n",
		ended - started, in_seconds(used.ru_utime), in_seconds(used.ru_stime), used.ru_maxrss, code);
	fclose(result);
	return code;
}
