# Completion of mcpfier for fish. `mcpfier completion fish` prints it.
# Asks `mcpfier __complete -- WORDS`, whose last word is the one that is completed. Each line of the answer is a candidate, a tab and
# what it means, as fish reads it; a line without a tab is `:files` or `:folders`, which the shell completes itself.
function __mcpfier_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (mcpfier __complete -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':files' ':folders'
                # An option and its value may be one word.
                set -l prefix (string match -r -- '^--[^=]*=' $current)
                set -l typed (string replace -r -- '^--[^=]*=' '' $current)
                if test $line = ':files'
                    __fish_complete_path "$typed" | string replace -r -- '^' "$prefix"
                else
                    __fish_complete_directories "$typed" '' | string replace -r -- '^' "$prefix"
                end
            case '*'
                echo $line
        end
    end
end
complete -c mcpfier -f -a '(__mcpfier_complete)'
