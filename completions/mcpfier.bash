# Completion of mcpfier for bash, from 3.2 on. `mcpfier completion bash` prints it.
# Asks `mcpfier __complete -- WORDS`, whose last word is the one that is completed. Each line of the answer is a candidate, a tab and
# what it means; a line without a tab is `:files` or `:folders`, which the shell completes itself.
_mcpfier() {
  local words last word glue line value current prefix
  words=()
  glue=
  # Bash takes words apart at "=" and ":"; what it took apart is put together again.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    last=$((${#words[@]} - 1))
    if [[ $last -ge 0 && ( -n $glue || $word == [=:]* ) ]]; then words[last]+=$word; else words+=("$word"); fi
    case $word in *[=:]) glue=1 ;; *) glue= ;; esac
  done
  last=$((${#words[@]} - 1))
  current=${words[last]#[\"\']}
  words[last]=$current
  prefix=${current%"${current##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      *$'\t'*)
        value=${line%%$'\t'*}
        printf -v value %q "${value#"$prefix"}"
        COMPREPLY+=("$value")
        ;;
      :files | :folders)
        word=-f
        [[ $line == :files ]] || word=-d
        type compopt >/dev/null 2>&1 && compopt -o filenames
        while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen "$word" -- "${current#"$prefix"}")
        ;;
    esac
  done < <(mcpfier __complete -- "${words[@]}" 2>/dev/null)
}
complete -F _mcpfier mcpfier
