# SPDX-License-Identifier: Apache-2.0
#
# jostle_add_case(FILE) makes a program of one case file: its variants and the ordinary main() that
# runs one of them. With [TEST] [SCHEDULES n] [LABELS label...] [TIMEOUT seconds] it is a test, too,
# under the name case_FILE, that each variant shows what it declares. jostle_add_catalogue(NAME FILE...) makes one program of
# many, and does not want a program for each first: it reuses the object files that
# jostle_add_case() compiled. Works in jostle's own tree and, installed, in anybody's project.

include(${CMAKE_CURRENT_LIST_DIR}/jostle-instrument.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/jostle-tests.cmake)

# The runner is compiled once per project. In the source tree it lies in cases/runner, installed
# beside this file.
function(jostle_case_runner)
	if(TARGET jostle_case_runner)
		return()
	endif()
	set(places ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/runner
		${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../../cases/runner)
	find_path(JOSTLE_CASE_RUNNER_DIR run.h PATHS ${places} NO_DEFAULT_PATH REQUIRED)
	find_path(JOSTLE_INCLUDE_DIR jostle.h NO_DEFAULT_PATH REQUIRED
		PATHS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../../harness/include
		${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../../../include)
	mark_as_advanced(JOSTLE_CASE_RUNNER_DIR JOSTLE_INCLUDE_DIR)
	find_package(Threads REQUIRED)

	add_library(jostle_case_options INTERFACE)
	target_include_directories(jostle_case_options INTERFACE ${JOSTLE_INCLUDE_DIR})
	# -O1 keeps the accesses that the text speaks of; frame pointers keep stacks cheap. A call
	# that became a jump returns to the caller's caller, and a finding would show that line.
	target_compile_options(jostle_case_options INTERFACE -g -O1 -fno-omit-frame-pointer
		-fno-optimize-sibling-calls)
	# __FILE__ becomes cases/deadlock/self.c, the same on every machine.
	target_compile_options(jostle_case_options INTERFACE
		-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
	target_link_libraries(jostle_case_options INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
	if(TARGET jostle_warnings)
		target_link_libraries(jostle_case_options INTERFACE jostle_warnings)
	endif()

	add_library(jostle_case_runner OBJECT
		${JOSTLE_CASE_RUNNER_DIR}/main.c
		${JOSTLE_CASE_RUNNER_DIR}/catalogue.c
		${JOSTLE_CASE_RUNNER_DIR}/check.c
		${JOSTLE_CASE_RUNNER_DIR}/list.c
		${JOSTLE_CASE_RUNNER_DIR}/marks.c
		${JOSTLE_CASE_RUNNER_DIR}/run.c
		${JOSTLE_CASE_RUNNER_DIR}/verdict.c)
	target_link_libraries(jostle_case_runner PRIVATE jostle_case_options)
	target_compile_definitions(jostle_case_runner PRIVATE
		JOSTLE_CASES_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endfunction()

# The name that targets carry: cases/deadlock/self.c becomes case_deadlock_self.
function(jostle_case_target result file)
	file(RELATIVE_PATH name ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${file})
	string(REGEX REPLACE "\\.[^.]*$" "" name ${name})
	string(MAKE_C_IDENTIFIER case_${name} name)
	set(${result} ${name} PARENT_SCOPE)
endfunction()

# FILE is relative to the current source directory, and so is the program to the binary directory.
function(jostle_add_case file)
	jostle_case_runner()
	jostle_case_target(name ${file})
	get_filename_component(folder ${file} DIRECTORY)
	get_filename_component(stem ${file} NAME_WE)

	add_library(${name}_object OBJECT ${file})
	target_link_libraries(${name}_object PRIVATE jostle_case_options)
	add_executable(${name} $<TARGET_OBJECTS:${name}_object> $<TARGET_OBJECTS:jostle_case_runner>)
	target_link_libraries(${name} PRIVATE jostle_case_options)
	set_target_properties(${name} PROPERTIES OUTPUT_NAME ${stem}
		RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${folder})
	if(file MATCHES "\\.c$")
		set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
	endif()

	cmake_parse_arguments(PARSE_ARGV 1 ARG "TEST" "SCHEDULES;TIMEOUT" "LABELS")
	if(ARG_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "jostle_add_case(${file}): what is ${ARG_UNPARSED_ARGUMENTS}?")
	endif()
	if(ARG_TEST OR ARG_SCHEDULES OR ARG_TIMEOUT OR ARG_LABELS)
		# What needs switches between accesses is shown by the instrumented twin.
		jostle_instrument_case(${file})
		jostle_add_catalogue(${name}_accesses INSTRUMENTED ${file})
		jostle_test_cases(${name} INSTRUMENTED ${name}_accesses SCHEDULES ${ARG_SCHEDULES}
			TIMEOUT ${ARG_TIMEOUT} LABELS ${ARG_LABELS})
	endif()
endfunction()

# The same file once more, each memory access visible: an object library to be linked into an
# instrumented catalogue.
function(jostle_instrument_case file)
	jostle_case_runner()
	jostle_case_target(name ${file})
	add_library(${name}_instrumented OBJECT EXCLUDE_FROM_ALL ${file})
	target_link_libraries(${name}_instrumented PRIVATE jostle_case_options)
	jostle_instrument(${name}_instrumented)
endfunction()

# One program of all FILEs, each of which went through jostle_add_case() before, or, for one that is
# INSTRUMENTED or for THREAD_SANITIZER, through jostle_instrument_case(): these two are the same
# objects, and differ in whose library they call. The objects are named one by one, since a static
# archive would silently drop files that nobody refers to. The runner is as it is: what it touches
# is its own.
function(jostle_add_catalogue catalogue)
	cmake_parse_arguments(ARG "INSTRUMENTED;THREAD_SANITIZER" "" "" ${ARGN})
	set(kind object)
	if(ARG_INSTRUMENTED OR ARG_THREAD_SANITIZER)
		set(kind instrumented)
	endif()
	set(objects $<TARGET_OBJECTS:jostle_case_runner>)
	foreach(file IN LISTS ARG_UNPARSED_ARGUMENTS)
		jostle_case_target(name ${file})
		list(APPEND objects $<TARGET_OBJECTS:${name}_${kind}>)
	endforeach()
	add_executable(${catalogue} ${objects})
	target_link_libraries(${catalogue} PRIVATE jostle_case_options)
	if(ARG_INSTRUMENTED)
		jostle_instrument(${catalogue})
		# Where it is installed, the library lies in ../../lib/jostle.
		set_target_properties(${catalogue} PROPERTIES INSTALL_RPATH "$ORIGIN/../../lib/jostle")
	elseif(ARG_THREAD_SANITIZER)
		target_link_options(${catalogue} PRIVATE -fsanitize=thread)
	endif()
	set_target_properties(${catalogue} PROPERTIES LINKER_LANGUAGE C
		RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
