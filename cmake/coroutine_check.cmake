# Some compilers (g++ 12.2 among them) destroy temporaries twice in
# `co_await f(T{})`. Compile and run such a program, and refuse a compiler that
# gets it wrong.

if(NOT DEFINED WASAT_COROUTINES_WORK)
  try_run(_ran _compiled ${CMAKE_BINARY_DIR}/coroutine_check
    ${CMAKE_SOURCE_DIR}/cmake/coroutine_check.cc
    CXX_STANDARD 23 CXX_STANDARD_REQUIRED ON
    COMPILE_OUTPUT_VARIABLE _compile_output
    RUN_OUTPUT_VARIABLE _run_output)
  if(NOT _compiled)
    message(FATAL_ERROR "${CMAKE_CXX_COMPILER} cannot compile cmake/coroutine_check.cc "
      "(C++23 coroutines and <expected> are needed). Install clang-19 (script/setup does) "
      "and configure with a preset.\n${_compile_output}")
  endif()
  if(NOT _ran EQUAL 0)
    message(FATAL_ERROR "${CMAKE_CXX_COMPILER} miscompiles coroutines: temporaries in co_await "
      "expressions are destroyed the wrong number of times. Use clang-19 (script/setup "
      "installs it).\n${_run_output}")
  endif()
  set(WASAT_COROUTINES_WORK TRUE CACHE INTERNAL "The compiler passed cmake/coroutine_check.cc")
endif()
