using System.ComponentModel;
using System.Diagnostics;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>Programs that speak Kafka's protocol without us.</summary>
internal static class OtherClients
{
    private static string Clients { get; } = Repository.PathOf("tests", "Kafka.Tests", "Clients");

    public static string Script(string name) => Path.Combine(Clients, name);

    public static void SkipWithoutKafkaJs(string package = "kafkajs")
    {
        SkipWithout("node", ["--version"], "apt-get install nodejs npm");
        Assert.SkipUnless(Directory.Exists(Path.Combine(Clients, "node_modules", package)), $"{package} is not installed (npm install --prefix {Path.GetRelativePath(Repository.Root, Clients)})");
    }

    public static void SkipWithout(string program, string[] arguments, string cure)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
        }
        catch (Win32Exception e)
        {
            Assert.Skip($"{program} is not installed ({e.Message}): {cure}");
        }
    }

    /// <summary>The lines a program prints; at most 60 s.</summary>
    public static async Task<string[]> RunAsync(string program, string[] arguments, string? input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors} {await output}");
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
