# SPDX-License-Identifier: Apache-2.0
# Build step of EmbedText.cmake: writes one C++ file that holds FILES. Texts are appended as strings, never as lists:
# a list would swallow their semicolons.
string(REPLACE "|" ";" names "${FILES}")
set(code "#include \"core/embedded_text.h\"\n\nnamespace ${NAMESPACE}\n{\n")
string(APPEND code "std::span<const ringpost::EmbeddedText> ${FUNCTION}();\n")
string(APPEND code "std::span<const ringpost::EmbeddedText> ${FUNCTION}()\n{\n")
string(APPEND code "    static constexpr ringpost::EmbeddedText texts[] = {\n")
foreach(file IN LISTS names)
    get_filename_component(name "${file}" NAME)
    file(READ "${file}" text)
    string(APPEND code "        {\"${name}\", R\"embedded(${text})embedded\"},\n")
endforeach()
string(APPEND code "    };\n    return texts;\n}\n} // namespace ${NAMESPACE}\n")
file(WRITE "${OUT}" "${code}")
