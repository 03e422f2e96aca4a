// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Types only: the library is opened when the program runs, so that the server starts without it.
#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>
