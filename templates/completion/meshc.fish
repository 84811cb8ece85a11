# Completes calls of meshc in fish 3.4 or newer: meshc completion fish | source
function __meshc_candidates
    set -l words (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token)
    for candidate in (meshc completion fish --words (printf '%s\n' $words | string collect --no-trim-newlines) 2>/dev/null)
        switch $candidate
            case :files
                __fish_complete_path (commandline --current-token)
            case :folders
                __fish_complete_directories (commandline --current-token)
            case '*'
                echo $candidate
        end
    end
end
complete --command meshc --no-files --arguments '(__meshc_candidates)'
