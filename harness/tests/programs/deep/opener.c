/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a library that is to look for names in itself first, by the path that is the program's own
 * (DT_RUNPATH), and hands memory to and fro. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static char *(*turn)(char *);

static void *work(void *arg)
{
	char *kept = malloc(100);

	for (int i = 0; i < 3; i++)
		kept = turn(kept);
	free(kept);
	return arg;
}

int main(void)
{
	pthread_t t[2];
	void *plugin = dlopen("libplugin.so", RTLD_NOW | RTLD_GLOBAL | RTLD_DEEPBIND);

	if (!plugin) {
		puts(dlerror());
		return 1;
	}
	*(void **)&turn = dlsym(plugin, "plugin_turn");
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	return 0;
}
