# SPDX-License-Identifier: Apache-2.0
#
# jostle_instrument(TARGET...) compiles targets so that jostle sees each of their memory accesses,
# and links libjostle.so into whatever they end up in; what gcc and clang need differs. A program
# made so starts without jostle as well. Not for a build whose compiler is `jostle cc`, which does
# the same to everything.
include(${CMAKE_CURRENT_LIST_DIR}/jostle-flags.cmake)

# In jostle's own tree the library is a target; elsewhere it lies beside JOSTLE_LIBRARY.
function(jostle_instrument)
	if(TARGET jostle)
		set(library jostle_aside)
		set(calls ${PROJECT_BINARY_DIR}/lib/jostle/libtsan_calls.o)
	else()
		get_filename_component(folder ${JOSTLE_LIBRARY} DIRECTORY)
		set(library ${folder}/jostle/libjostle.so)
		set(calls ${folder}/jostle/libtsan_calls.o)
	endif()
	foreach(target IN LISTS ARGN)
		foreach(language C CXX)
			foreach(compiler GNU Clang)
				# SHELL: keeps CMake from dropping the second of two words as a repetition.
				string(REPLACE "-mllvm;" "SHELL:-mllvm " flags "${JOSTLE_FLAGS_${compiler}}")
				set(when $<COMPILE_LANG_AND_ID:${language},${compiler}>)
				foreach(flag IN LISTS flags)
					target_compile_options(${target} PRIVATE "$<${when}:${flag}>")
				endforeach()
			endforeach()
		endforeach()
		get_target_property(type ${target} TYPE)
		if(type STREQUAL "EXECUTABLE")
			target_link_libraries(${target} PRIVATE ${calls} ${library})
		else()
			target_link_libraries(${target} PUBLIC ${calls} ${library})
		endif()
		if(TARGET jostle_linked)
			add_dependencies(${target} jostle_linked)
		endif()
	endforeach()
endfunction()
