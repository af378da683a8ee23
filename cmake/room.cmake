# room(name [IN dir] USES room… LIBRARIES lib… TEST_USES room…)
#
# Declares the room src/<name> (or <dir>): every *.cpp is compiled into a static library, every *_test.cpp into
# the room's test program, every header is compiled alone. A room's sources are visible to others only through
# a directory that holds one symbolic link, build/rooms/<name>/<name>, so an include of a room that is not listed under
# USES fails to compile: the room table is enforced by the compiler, not by review.

set(ROOM_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual -Woverloaded-virtual
    -Wno-missing-field-initializers
    -Wno-restrict)  # GCC 12 sees overlaps in std::string that are none (GCC bug 105651)

function(room_uses target)
  foreach(used IN LISTS ARGN)
    target_link_libraries(${target} PRIVATE room_${used})
    target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/rooms/${used})
  endforeach()
  target_compile_options(${target} PRIVATE ${ROOM_WARNINGS})
endfunction()

function(room name)
  cmake_parse_arguments(ROOM "" "IN" "USES;LIBRARIES;TEST_USES" ${ARGN})
  if(NOT ROOM_IN)
    set(ROOM_IN src/${name})
  endif()
  set(directory ${CMAKE_SOURCE_DIR}/${ROOM_IN})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/rooms/${name})
  file(CREATE_LINK ${directory} ${CMAKE_BINARY_DIR}/rooms/${name}/${name} SYMBOLIC)

  file(GLOB headers CONFIGURE_DEPENDS ${directory}/*.hpp ${directory}/*/*.hpp)
  list(FILTER headers EXCLUDE REGEX "_test\\.hpp$")  # tests may use more rooms than the room itself
  file(GLOB sources CONFIGURE_DEPENDS ${directory}/*.cpp ${directory}/*/*.cpp)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")

  # Each header alone: a generated file that includes only it.
  foreach(header IN LISTS headers)
    file(RELATIVE_PATH relative ${directory} ${header})
    string(REPLACE "/" "_" flat ${relative})
    set(alone ${CMAKE_BINARY_DIR}/rooms/alone/${name}_${flat}.cpp)
    if(NOT EXISTS ${alone})
      file(WRITE ${alone} "#include \"${name}/${relative}\"\n")
    endif()
    list(APPEND alone_sources ${alone})
  endforeach()
  if(alone_sources)
    add_library(headers_${name} OBJECT EXCLUDE_FROM_ALL ${alone_sources})
    target_include_directories(headers_${name} PRIVATE ${CMAKE_BINARY_DIR}/rooms/${name})
    foreach(used IN LISTS ROOM_USES)
      target_include_directories(headers_${name} PRIVATE ${CMAKE_BINARY_DIR}/rooms/${used})
    endforeach()
    target_link_libraries(headers_${name} PRIVATE ${ROOM_LIBRARIES} fmt::fmt)
    target_compile_options(headers_${name} PRIVATE -O0)
  endif()

  if(sources)
    add_library(room_${name} STATIC ${sources})
    set(scope PUBLIC)
    set(own PRIVATE)
  else()
    add_library(room_${name} INTERFACE)
    set(scope INTERFACE)
    set(own INTERFACE)
  endif()
  target_include_directories(room_${name} ${own} ${CMAKE_BINARY_DIR}/rooms/${name})
  foreach(used IN LISTS ROOM_USES)
    target_include_directories(room_${name} ${own} ${CMAKE_BINARY_DIR}/rooms/${used})
    target_link_libraries(room_${name} ${scope} room_${used})
  endforeach()
  target_link_libraries(room_${name} ${scope} ${ROOM_LIBRARIES})
  if(sources)
    target_compile_options(room_${name} PRIVATE ${ROOM_WARNINGS})
  endif()

  if(tests AND QINGYUAN_TESTS)
    add_executable(test_${name} ${tests})
    target_link_libraries(test_${name} PRIVATE GTest::gtest_main ${RAPIDCHECK})
    room_uses(test_${name} ${name} ${ROOM_USES} ${ROOM_TEST_USES})  # TEST_USES: rooms that only the tests may include
    target_compile_options(test_${name} PRIVATE -Wno-old-style-cast -Wno-dangling-else -Wno-missing-field-initializers)
    target_compile_definitions(test_${name} PRIVATE QINGYUAN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND test_${name})
  endif()
endfunction()
