# SPDX-License-Identifier: Apache-2.0
#
# The flags and the helper functions of jostle's own build. Each folder lists its files through one
# of these calls, one file a line:
#
#	jostle_sources(...)         into libjostle.so and into jostle_pure (pure: testable outside)
#	jostle_inside_sources(...)  into libjostle.so alone (takes over threads, needs the inside)
#	jostle_unit_test(check_x [SOURCES extra.c ...])
#	jostle_tap_test(name LABEL label COMMAND ...)

add_library(jostle_warnings INTERFACE)
target_compile_options(jostle_warnings INTERFACE $<$<COMPILE_LANGUAGE:C>:
	-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes>)
if(JOSTLE_WERROR)
	target_compile_options(jostle_warnings INTERFACE $<$<COMPILE_LANGUAGE:C>:-Werror>)
endif()

# Inside the target. Why each flag: the library's functions are unwound through (-fexceptions,
# cancellation and thread exit are forced unwinds); gcc must not build calloc out of malloc and
# memset, nor a call to memset out of a loop in the very code that restores memory, nor
# read two words at once that were just written one by one (the store buffer stalls); and a canary
# would be read through a thread-local pointer that is being exchanged.
add_library(jostle_inside INTERFACE)
target_compile_options(jostle_inside INTERFACE
	-fPIC -fvisibility=hidden
	$<$<COMPILE_LANGUAGE:C>:-fno-stack-protector -fno-builtin-malloc -fno-builtin-calloc
		-fno-builtin-realloc -fno-builtin-free -fomit-frame-pointer
		-fexceptions -fasynchronous-unwind-tables -ffunction-sections -fdata-sections>
	$<$<C_COMPILER_ID:GNU>:-fno-tree-loop-distribute-patterns -fno-tree-slp-vectorize>)

set(JOSTLE_HARNESS ${PROJECT_SOURCE_DIR}/harness)

add_library(jostle SHARED)
set_target_properties(jostle PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_include_directories(jostle PRIVATE ${JOSTLE_HARNESS} ${JOSTLE_HARNESS}/include)
# __NO_INLINE__: libc's headers may not define inline what we interpose (pthread_equal).
target_compile_definitions(jostle PRIVATE JOSTLE_INSIDE=1 _GNU_SOURCE __NO_INLINE__=1)
target_link_libraries(jostle PRIVATE jostle_warnings jostle_inside)
# now: no symbol is looked up while a schedule runs. initfirst: our constructors precede all others.
# Sorted: small variables lie together, not between large tables, on a few pages that a fork copies.
target_link_options(jostle PRIVATE
	-Wl,-z,now -Wl,-z,initfirst -Wl,--no-undefined -Wl,--gc-sections -Wl,--sort-section=alignment
	-Wl,-T,${JOSTLE_HARNESS}/engine/processes/shared.ld)
set_target_properties(jostle PROPERTIES LINK_DEPENDS ${JOSTLE_HARNESS}/engine/processes/shared.ld)

add_library(jostle_pure STATIC)
target_include_directories(jostle_pure PUBLIC ${JOSTLE_HARNESS} ${JOSTLE_HARNESS}/include)
target_compile_definitions(jostle_pure PUBLIC _GNU_SOURCE)
target_link_libraries(jostle_pure PRIVATE jostle_warnings)
if(JOSTLE_SANITIZE)
	set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_compile_options(jostle_pure PUBLIC ${sanitize})
	target_link_options(jostle_pure PUBLIC ${sanitize})
endif()

function(jostle_sources)
	list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
	target_sources(jostle PRIVATE ${ARGN})
	target_sources(jostle_pure PRIVATE ${ARGN})
endfunction()

function(jostle_inside_sources)
	list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
	target_sources(jostle PRIVATE ${ARGN})
endfunction()

# Registers a command whose checks are counted. ci/tap keeps what it reported in <build>/tap/, one
# line a check, and makes a command that checked nothing a failure.
function(jostle_tap_test name)
	cmake_parse_arguments(ARG "UNIT" "LABEL;TIMEOUT" "COMMAND" ${ARGN})
	set(unit)
	if(ARG_UNIT)
		set(unit --unit)
	endif()
	if(NOT ARG_TIMEOUT)
		set(ARG_TIMEOUT 300)
	endif()
	add_test(NAME ${name} COMMAND ${PROJECT_SOURCE_DIR}/ci/tap ${unit}
		--build ${PROJECT_BINARY_DIR} ${name} -- ${ARG_COMMAND})
	set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()

function(jostle_unit_test name)
	cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
	add_executable(${name} ${name}.c check_main.c ${ARG_SOURCES})
	set_target_properties(${name} PROPERTIES
		RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
	target_link_libraries(${name} PRIVATE jostle_warnings jostle_pure PkgConfig::CHECK)
	add_dependencies(unit_tests ${name})
	jostle_tap_test(unit.${name} UNIT LABEL unit COMMAND $<TARGET_FILE:${name}>)
endfunction()
