using System.Diagnostics;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>A <c>lake</c> or other command of the host as a user runs it: a process of its own.</summary>
internal static class LakeProcess
{
    public static Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string>(), arguments);

    /// <summary>Runs a command with further variables in its environment.</summary>
    public static Task<(int Code, string Output, string Errors)> RunAsync(IReadOnlyDictionary<string, string> variables, params string[] arguments) => HostAsync(variables, ["lake", .. arguments]);

    /// <summary>Any command of the host.</summary>
    public static async Task<(int Code, string Output, string Errors)> HostAsync(IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        var cancel = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "RealTimeMesh.AppHost.dll"), .. arguments])
            start.ArgumentList.Add(argument);
        start.Environment["NO_COLOR"] = "1";
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancel);
        var output = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, output, await errors);
    }
}
