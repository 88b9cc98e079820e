# SPDX-License-Identifier: Apache-2.0
# embed_text(TARGET NAMESPACE::FUNCTION FILE...) compiles text files into TARGET as
# `std::span<const ringpost::EmbeddedText> FUNCTION()` (core/embedded_text.h), in the order given.
function(embed_text target qualified)
    string(REPLACE "::" ";" parts ${qualified})
    list(POP_BACK parts function)
    list(JOIN parts "::" namespace)
    set(out "${CMAKE_CURRENT_BINARY_DIR}/embedded_${function}.cpp")
    list(JOIN ARGN "|" files)
    add_custom_command(OUTPUT ${out}
        COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAMESPACE=${namespace} -DFUNCTION=${function} "-DFILES=${files}"
                -P ${CMAKE_SOURCE_DIR}/cmake/embed_text_step.cmake
        DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/embed_text_step.cmake
        VERBATIM)
    target_sources(${target} PRIVATE ${out})
endfunction()
