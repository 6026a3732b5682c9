# Completion of mcpfier for PowerShell. `mcpfier completion powershell` prints it.
# Asks `mcpfier __complete -- WORDS`, whose last word is the one that is completed. Each line of the answer is a candidate, a tab and
# what it means; where nothing is answered but `:files` or `:folders`, PowerShell completes files itself.
Register-ArgumentCompleter -Native -CommandName mcpfier -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.ToString() } })
    # Empty arguments do not reach programs from every PowerShell.
    $empty = @()
    if ($wordToComplete -eq '') { $empty = @('--empty') }
    # In quotes, as scripts, and so the one that npm puts before a program on Windows, do not get a bare one.
    & mcpfier __complete @empty '--' @words 2>$null | Where-Object { $_ -match "^[^`t]+`t" } | ForEach-Object {
        $value, $meaning = $_.Split("`t", 2)
        if (-not $meaning) { $meaning = $value }
        $text = $value
        if ($text -match '[\s''"$();&|<>{}`@#,]') { $text = "'" + $value.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $meaning)
    }
}
