# Turns every src/sql/statements/NAME.sql into a constant statements::NAME of the generated header sql_statements.inc,
# so that a misspelt name does not compile. Run as a script (-DOUTPUT=… -DINPUTS=…) or included after room(sql …).
if(CMAKE_SCRIPT_MODE_FILE)
  set(text "// Generated from src/sql/statements/*.sql.\n")
  foreach(input IN LISTS INPUTS)
    get_filename_component(name ${input} NAME_WE)
    file(READ ${input} body)
    string(APPEND text "inline constexpr Template ${name}{\"${name}\", R\"sql(${body})sql\"};\n")
  endforeach()
  file(WRITE ${OUTPUT} "${text}")
else()
  file(GLOB statements CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/sql/statements/*.sql)
  set(generated ${CMAKE_BINARY_DIR}/rooms/sql_statements/sql_statements.inc)
  add_custom_command(
    OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${generated}" "-DINPUTS=${statements}" -P ${CMAKE_CURRENT_LIST_FILE}
    DEPENDS ${statements} ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
  add_custom_target(sql_statements DEPENDS ${generated})
  add_dependencies(room_sql sql_statements)
  target_include_directories(room_sql PRIVATE ${CMAKE_BINARY_DIR}/rooms/sql_statements)
endif()
