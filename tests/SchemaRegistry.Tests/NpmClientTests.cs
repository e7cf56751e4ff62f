using System.ComponentModel;
using System.Diagnostics;

namespace RealTimeMesh.SchemaRegistry.Tests;

/// <summary>The clients that Node.js programs use, unchanged: they register, encode, decode and evolve Avro, JSON Schema and Protobuf.</summary>
public sealed class NpmClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData("kafkajs-registry.js", "@kafkajs/confluent-schema-registry", "avro avro-conflict avro-references json protobuf")]
    [InlineData("confluent-registry.js", "@confluentinc/schemaregistry", "avro subjects json protobuf protobuf-references metadata-and-rules")]
    public async Task A_client_from_npm_works_unchanged(string script, string package, string steps)
    {
        var clients = Path.Combine(Root(), "tests", "SchemaRegistry.Tests", "Clients");
        Assert.SkipUnless(Directory.Exists(Path.Combine(clients, "node_modules", package)), $"{package} is not installed (apt-get install nodejs npm; npm install --prefix tests/SchemaRegistry.Tests/Clients)");
        using var folder = new TemporaryFolder();
        await using var registry = await RunningRegistry.StartAsync(folder);

        var (code, output) = await RunAsync(Path.Combine(clients, script), registry.Url.ToString().TrimEnd('/'), "run");

        Assert.True(code == 0, output);
        Assert.Equal(steps.Split(' ').Select(step => "ok " + step), output.Split('\n').Where(line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception e)
        {
            Assert.Skip($"node is not installed ({e.Message}): apt-get install nodejs npm");
            throw;
        }

        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"{arguments[0]} did not end within {Limit}: {await output}{await errors}");
            }

            return (process.ExitCode, await output + await errors);
        }
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RealTimeMesh.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("RealTimeMesh.sln above the tests");
    }
}
