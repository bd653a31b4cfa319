# SPDX-License-Identifier: Apache-2.0
#
# jostle_add_test() makes any program a test that explores its schedules; needs enable_testing().
#
#	jostle_add_test(NAME name COMMAND target-or-program [argument...]
#		[SCHEDULES n] [TIME seconds]    # neither: 10 seconds
#		[LEVEL auto|controlled|perturbed]
#		[EXPECT kind[: cause]]          # passes when such a finding is reported, and only then
#		[LABELS label...] [TIMEOUT seconds] [ENVIRONMENT name=value...] [OPTIONS option...])
#
# Red: something was found, with its story in CTest's output, or nothing could be controlled.
# Failure files and JUnit go to jostle-out/name below the current binary folder, which the replay
# command in the story names. A target is to be defined before. OPTIONS are those of jostle run.

# In jostle's own tree the command is a target; elsewhere JOSTLE_COMMAND says where it is.
function(jostle_command_path result)
	if(TARGET jostle_command)
		set(${result} $<TARGET_FILE:jostle_command> PARENT_SCOPE)
	else()
		set(${result} ${JOSTLE_COMMAND} PARENT_SCOPE)
	endif()
endfunction()

function(jostle_add_test)
	cmake_parse_arguments(PARSE_ARGV 0 ARG "" "NAME;SCHEDULES;TIME;LEVEL;EXPECT;TIMEOUT"
		"COMMAND;LABELS;ENVIRONMENT;OPTIONS")
	if(NOT ARG_NAME OR NOT ARG_COMMAND)
		message(FATAL_ERROR "jostle_add_test() needs NAME and COMMAND")
	endif()
	if(ARG_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "jostle_add_test(${ARG_NAME}): what is ${ARG_UNPARSED_ARGUMENTS}?")
	endif()
	if(ARG_TIME AND NOT ARG_TIME MATCHES "^[0-9]+$")
		message(FATAL_ERROR "jostle_add_test(${ARG_NAME}): TIME is a number of seconds")
	endif()

	string(MAKE_C_IDENTIFIER ${ARG_NAME} folder)
	set(out ${CMAKE_CURRENT_BINARY_DIR}/jostle-out/${folder})
	file(MAKE_DIRECTORY ${out})
	set(options --out ${out} --junit ${out}/junit.xml)
	foreach(option SCHEDULES TIME LEVEL)
		if(ARG_${option})
			string(TOLOWER --${option} name)
			list(APPEND options ${name} ${ARG_${option}})
		endif()
	endforeach()
	list(POP_FRONT ARG_COMMAND program)
	if(TARGET ${program})
		set(program $<TARGET_FILE:${program}>)
	endif()
	jostle_command_path(jostle)
	add_test(NAME ${ARG_NAME} COMMAND ${jostle} run ${options} ${ARG_OPTIONS} --
		${program} ${ARG_COMMAND})

	# A finding is reported after it was replayed, which the budget does not hold.
	if(NOT ARG_TIMEOUT)
		set(ARG_TIMEOUT 300)
		if(ARG_TIME)
			math(EXPR ARG_TIMEOUT "${ARG_TIME} * 2 + 120")
		endif()
	endif()
	set_tests_properties(${ARG_NAME} PROPERTIES TIMEOUT ${ARG_TIMEOUT}
		LABELS "jostle;${ARG_LABELS}" ENVIRONMENT "${ARG_ENVIRONMENT}")
	if(ARG_EXPECT)
		set_tests_properties(${ARG_NAME} PROPERTIES
			PASS_REGULAR_EXPRESSION "(^|\n)F[0-9]+  ${ARG_EXPECT}([: ]|\n)")
	endif()
endfunction()

# A program of cases (jostle_add_case(), jostle_add_catalogue()) as one test: each case must show
# exactly what it declares. INSTRUMENTED names the program of the same cases whose accesses are seen.
#
#	jostle_test_cases(target [INSTRUMENTED target] [SCHEDULES n] [LABELS label...]
#		[TIMEOUT seconds])
function(jostle_test_cases target)
	cmake_parse_arguments(PARSE_ARGV 1 ARG "" "INSTRUMENTED;SCHEDULES;TIMEOUT" "LABELS")
	set(options)
	set(environment JOSTLE_CASES=$<TARGET_FILE:${target}>)
	if(ARG_INSTRUMENTED)
		list(APPEND environment
			JOSTLE_CASES_INSTRUMENTED=$<TARGET_FILE:${ARG_INSTRUMENTED}>)
	endif()
	if(ARG_SCHEDULES)
		set(options --schedules ${ARG_SCHEDULES})
	endif()
	if(NOT ARG_TIMEOUT)
		set(ARG_TIMEOUT 600)
	endif()
	jostle_command_path(jostle)
	add_test(NAME ${target} COMMAND ${jostle} test ${options})
	set_tests_properties(${target} PROPERTIES TIMEOUT ${ARG_TIMEOUT}
		LABELS "jostle;${ARG_LABELS}" ENVIRONMENT "${environment}")
endfunction()
