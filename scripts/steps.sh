# shellcheck shell=bash
# To be sourced: runs named steps one after the other, whatever becomes of those before, and tells at the end.

failed=()
told=()

# step <name> <command...>
step() {
    local name=$1 started=$SECONDS result=ok
    shift
    printf '\n== %s\n' "$name"
    "$@" </dev/null || result=FAILED
    [ "$result" = ok ] || failed+=("$name")
    told+=("$(printf '%-28s %-6s %4d s' "$name" "$result" "$((SECONDS - started))")")
}

# Prints all results; fails where a step has.
summary() {
    printf '\n== results\n'
    printf '%s\n' "${told[@]}"
    [ "${#failed[@]}" -eq 0 ]
}
