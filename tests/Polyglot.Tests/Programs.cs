using System.ComponentModel;
using System.Diagnostics;

namespace RealTimeMesh.Polyglot.Tests;

/// <summary>Runs programs that a machine may not have.</summary>
internal static class Programs
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Null where a program can be run; otherwise why not and the cure.</summary>
    public static async Task<string?> AbsentAsync(string program, string cure)
    {
        try
        {
            await RunAsync(program, [program == "kcat" ? "-V" : "--version"]);
            return null;
        }
        catch (Win32Exception exception)
        {
            return $"{program} is not installed ({exception.Message}): {cure}";
        }
    }

    /// <summary>Skips the test where a program is absent.</summary>
    public static async Task NeedAsync(string program, string cure)
    {
        var absent = await AbsentAsync(program, cure);
        Assert.SkipWhen(absent is not null, absent ?? "");
    }

    /// <summary>What a program answers, at most after a minute; its failure is the test's.</summary>
    public static async Task<string> OutputAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? input = null)
    {
        var result = await RunAsync(program, arguments, environment, input);
        Assert.True(result.ExitCode == 0, $"{program} ended with code {result.ExitCode}; expected 0. It wrote:\n{result.Errors}\n{result.Output}");
        return result.Output;
    }

    public static async Task<ProgramResult> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? input = null)
    {
        using var process = Process.Start(StartInfo(program, arguments, environment))!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end within {Limit}. It wrote:\n{await errors}\n{await output}");
        }

        return new ProgramResult(process.ExitCode, await output, await errors);
    }

    public static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return start;
    }
}

/// <summary>How a program ended and what it wrote.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Errors);
