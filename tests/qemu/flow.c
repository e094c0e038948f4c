/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The traffic of the offload test, and the few things its little system needs besides: it is a
 * program of its own so that the guest needs no interpreter of a larger language.
 *
 *   flow serve PORT                TCP and UDP; tells each client what came, and from where
 *   flow tcp ADDR PORT BYTES       sends, prints the answer, and keeps the connection open
 *   flow udp ADDR PORT DATAGRAMS   the same, each datagram after the answer to the one before
 *   flow insmod FILE...            loads kernel modules in this order
 *   flow off                       switches the machine off
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DATAGRAM 1000

static void die(const char *what)
{
	fprintf(stderr, "flow: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* FNV-1a: tells that the bytes came whole and in order. */
static uint32_t hash_add(uint32_t h, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

#define HASH_INIT 2166136261u

static void fill(unsigned char *p, size_t n, uint32_t seed)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525u + 1013904223u;
		p[i] = (unsigned char)(seed >> 24);
	}
}

static void print_peer(const struct sockaddr_storage *from, socklen_t n, char *ret, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "?";

	getnameinfo((const void *)from, n, text, sizeof(text), NULL, 0, NI_NUMERICHOST);
	snprintf(ret, size, "%s", strncmp(text, "::ffff:", 7) ? text : text + 7);
}

/* ---- server ---- */

static int server_socket(int type, const char *port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET6, type, 0), one = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&any, sizeof(any)) || (type == SOCK_STREAM && listen(fd, 8)))
		die("bind");
	return fd;
}

/* First four bytes in network order: how many more will come. */
static void serve_stream(int fd, const char *peer)
{
	static unsigned char buffer[65536];
	uint32_t left, hash = HASH_INIT, total;

	if (recv(fd, &left, sizeof(left), MSG_WAITALL) != (ssize_t)sizeof(left))
		return;
	total = left = ntohl(left);
	while (left) {
		ssize_t n = recv(fd, buffer, left < sizeof(buffer) ? left : sizeof(buffer), 0);

		if (n <= 0)
			return;
		hash = hash_add(hash, buffer, (size_t)n);
		left -= (uint32_t)n;
	}
	dprintf(fd, "got %u bytes %08x from %s\n", total, hash, peer);
	pause();
}

static void serve(const char *port)
{
	struct pollfd p[2] = { { server_socket(SOCK_STREAM, port), POLLIN, 0 },
		{ server_socket(SOCK_DGRAM, port), POLLIN, 0 } };
	unsigned char datagram[DATAGRAM];
	char peer[INET6_ADDRSTRLEN];

	signal(SIGCHLD, SIG_IGN);
	while (poll(p, 2, -1) > 0) {
		struct sockaddr_storage from;
		socklen_t n = sizeof(from);

		if (p[0].revents) {
			int fd = accept(p[0].fd, (void *)&from, &n);

			print_peer(&from, n, peer, sizeof(peer));
			if (fd >= 0 && fork() == 0) {
				serve_stream(fd, peer);
				_exit(0);
			}
			close(fd);
		} else {
			ssize_t got = recvfrom(
				p[1].fd, datagram, sizeof(datagram), 0, (void *)&from, &n);
			char answer[128];

			print_peer(&from, n, peer, sizeof(peer));
			int length = snprintf(answer, sizeof(answer), "got %zd bytes %08x from %s\n",
				got, hash_add(HASH_INIT, datagram, got > 0 ? (size_t)got : 0),
				peer);
			sendto(p[1].fd, answer, (size_t)length, 0, (void *)&from, n);
		}
	}
}

/* ---- client ---- */

static int connected(const char *address, const char *port, int type)
{
	struct addrinfo *to, hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = type };
	int fd;

	if (getaddrinfo(address, port, &hints, &to))
		die("address");
	fd = socket(to->ai_family, type, 0);
	if (fd < 0 || connect(fd, to->ai_addr, to->ai_addrlen))
		die("connect");
	freeaddrinfo(to);
	return fd;
}

/* Prints "sent N bytes HASH" and the answer, and waits to be killed: the connection stays. */
static void finish(uint32_t total, uint32_t hash, const char *answer)
{
	printf("sent %u bytes %08x\n%s", total, hash, answer);
	fflush(stdout);
	pause();
}

static void send_stream(const char *address, const char *port, uint32_t total)
{
	static unsigned char buffer[65536];
	int fd = connected(address, port, SOCK_STREAM);
	uint32_t left = htonl(total), hash = HASH_INIT;
	char answer[128];
	ssize_t got;

	if (send(fd, &left, sizeof(left), 0) != (ssize_t)sizeof(left))
		die("send");
	for (left = total; left;) {
		size_t n = left < sizeof(buffer) ? left : sizeof(buffer);

		fill(buffer, n, left);
		hash = hash_add(hash, buffer, n);
		for (size_t at = 0; at < n;) {
			ssize_t sent = send(fd, buffer + at, n - at, 0);

			if (sent < 0)
				die("send");
			at += (size_t)sent;
		}
		left -= (uint32_t)n;
	}
	got = recv(fd, answer, sizeof(answer) - 1, 0);
	if (got < 0)
		die("answer");
	answer[got] = '\0';
	finish(total, hash, answer);
}

static void send_datagrams(const char *address, const char *port, uint32_t count)
{
	int fd = connected(address, port, SOCK_DGRAM);
	unsigned char datagram[DATAGRAM];
	char answer[128] = "";
	uint32_t hash = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct pollfd p = { fd, POLLIN, 0 };
		ssize_t got;

		fill(datagram, sizeof(datagram), i);
		hash = hash_add(HASH_INIT, datagram, sizeof(datagram));
		if (send(fd, datagram, sizeof(datagram), 0) != (ssize_t)sizeof(datagram) ||
			poll(&p, 1, 3000) != 1)
			die("no answer");
		got = recv(fd, answer, sizeof(answer) - 1, 0);
		if (got < 0)
			die("answer");
		answer[got] = '\0';
	}
	finish(DATAGRAM, hash, answer);
}

/* ---- the machine ---- */

static int load_modules(char **files)
{
	int failed = 0;

	for (; *files; files++) {
		int fd = open(*files, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)) {
			fprintf(stderr, "flow: %s: %s\n", *files, strerror(errno));
			failed = 1;
		}
		close(fd);
	}
	return failed;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "serve") && argc == 3)
		serve(argv[2]);
	else if (!strcmp(verb, "tcp") && argc == 5)
		send_stream(argv[2], argv[3], (uint32_t)strtoul(argv[4], NULL, 10));
	else if (!strcmp(verb, "udp") && argc == 5)
		send_datagrams(argv[2], argv[3], (uint32_t)strtoul(argv[4], NULL, 10));
	else if (!strcmp(verb, "insmod"))
		return load_modules(argv + 2);
	else if (!strcmp(verb, "off"))
		return reboot(RB_POWER_OFF) ? 1 : 0;
	else
		return 2;
	return 0;
}
