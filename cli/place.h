/* Folders that come with the program. */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

/* The folder that the environment names, else `built` beside the program where it was built, else where it was
 * installed. Heap; it need not be there. */
char *place_find(const char *variable, const char *built, const char *installed);

#endif
