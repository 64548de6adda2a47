// inih reads the same files in tests, as a second opinion; the product does not use it.
#include <ini.h>
