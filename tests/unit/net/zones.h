/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zones of every shape, which both the C library and our own reader understand. */
#ifndef TESTS_UNIT_NET_ZONES_H
#define TESTS_UNIT_NET_ZONES_H

static const char *const zones[] = {
	"UTC0",
	"EET-2EEST,M3.5.0/3,M10.5.0/4",			  /* Vilnius */
	"EST5EDT,M3.2.0,M11.1.0",			  /* New York */
	"AEST-10AEDT,M10.1.0,M4.1.0/3",			  /* Sydney */
	"IST-1GMT0,M10.5.0,M3.5.0/1",			  /* Dublin: winter is the exception */
	"GMT0BST,M3.5.0/1,M10.5.0",			  /* London */
	"<+0330>-3:30",					  /* Tehran */
	"<+0545>-5:45",					  /* Kathmandu */
	"<-04>4<-03>,M9.1.6/24,M4.1.6/24",		  /* Santiago */
	"<-02>2<-01>,M3.5.0/-1,M10.5.0/0",		  /* Nuuk: a change before midnight */
	"NZST-12NZDT,M9.5.0,M4.1.0/3",			  /* Auckland */
	"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",		  /* Lord Howe: half an hour */
	"AAA3BBB,J60/2,J300/2",				  /* days without leap days */
	"AAA-3BBB,59/2,299/2",				  /* days with leap days */
	"IST-2IDT,M3.4.4/26,M10.5.0",			  /* Jerusalem: hour 26 */
	"XXX-14",
	"YYY11:59:59",
};

#define N_ZONES (sizeof(zones) / sizeof(zones[0]))

#endif
