using System.Text.Json;
using System.Text.RegularExpressions;

namespace RealTimeMesh.Polyglot.Tests;

/// <summary>One run of the facts that the official SDK for Node.js states, as app and as client of a sidecar over one protocol.</summary>
public abstract partial class SdkRun(string protocol) : IAsyncLifetime
{
    private const string ApiToken = "token of the api";
    private const string AppToken = "token of the app";

    private Dictionary<string, string?> _results = [];
    private string _output = "";
    private string? _absent;
    private int? _exitCode;

    public async ValueTask InitializeAsync()
    {
        _absent = await Clients.AbsentAsync();
        if (_absent is not null)
            return;
        var folder = Directory.CreateTempSubdirectory("sdk-").FullName;
        try
        {
            var secrets = Path.Combine(folder, "secrets.json");
            await File.WriteAllTextAsync(secrets, """{"password":"s3cret ✈","redis":{"user":"mesh"}}""");
            await RunAsync(secrets);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    /// <summary>The facts of the scripts for a protocol.</summary>
    public static TheoryData<string> Facts(string protocol) =>
        [.. Directory.GetFiles(Clients.Folder, "*.mjs").Order(StringComparer.Ordinal)
            .SelectMany(file => FactPattern().Matches(File.ReadAllText(file)))
            .Where(match => match.Groups["protocol"].Value is var only && (only.Length == 0 || only == protocol))
            .Select(match => match.Groups["name"].Value)];

    internal void AssertHolds(string fact)
    {
        Assert.SkipWhen(_absent is not null, _absent ?? "");
        Assert.True(_results.TryGetValue(fact, out var error), $"the script did not reach this fact. It wrote:\n{_output}");
        Assert.True(error is null, error);
    }

    /// <summary>The last fact shuts the sidecar down.</summary>
    internal void AssertEndedWell()
    {
        Assert.SkipWhen(_absent is not null, _absent ?? "");
        Assert.Equal(0, _exitCode);
    }

    private async Task RunAsync(string secretsFile)
    {
        var setup = new DaprdSetup
        {
            AppId = $"sdk-{protocol}",
            AppPort = FreePorts.Next(),
            AppProtocol = protocol,
            Resources = Resources(secretsFile),
            Environment = new Dictionary<string, string> { ["DAPR_API_TOKEN"] = ApiToken, ["APP_API_TOKEN"] = AppToken, ["COLOUR"] = "green" },
        };
        await using var daprd = await Daprd.LaunchAsync(setup);
        var result = await Programs.RunAsync("node", [Path.Combine(Clients.Folder, "dapr-sdk.mjs"), protocol], new Dictionary<string, string>
        {
            ["APP_ID"] = daprd.AppId,
            ["APP_PORT"] = $"{setup.AppPort}",
            ["DAPR_HTTP_PORT"] = $"{daprd.HttpPort}",
            ["DAPR_GRPC_PORT"] = $"{daprd.GrpcPort}",
            ["DAPR_API_TOKEN"] = ApiToken,
            ["APP_API_TOKEN"] = AppToken,
        });
        _output = $"{result.Errors}\n{result.Output}\nThe sidecar wrote:\n{daprd.Log}";
        _results = result.Output.Split('\n').Where(line => line.StartsWith("{\"fact\":", StringComparison.Ordinal))
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .ToDictionary(line => line.GetProperty("fact").GetString()!, line => line.GetProperty("error").GetString());
        if (_results.Count > 0)
            _exitCode = await daprd.ExitedAsync();
    }

    private static string[] Resources(string secretsFile) =>
    [
        Manifests.InMemoryPubSub("pubsub"),
        Manifests.InMemoryPubSub("retrying"),
        Manifests.InMemoryState("statestore"),
        Manifests.Component("environment", "secretstores.local.env"),
        Manifests.Component("files", "secretstores.local.file", ("secretsFile", secretsFile)),
        """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata:
          name: again
        spec:
          policies:
            retries:
              soon: { policy: constant, duration: 10ms, maxRetries: 3 }
          targets:
            components:
              retrying:
                inbound: { retry: soon }
        """,
        """
        apiVersion: dapr.io/v2alpha1
        kind: Subscription
        metadata:
          name: declared
        spec:
          pubsubname: pubsub
          topic: declared
          routes:
            rules:
            - match: event.type == "special"
              path: /declared-special
            default: /declared
        """,
    ];

    [GeneratedRegex(@"^(?<protocol>http|grpc|)[fF]act\('(?<name>[^']+)'", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex FactPattern();
}

public sealed class HttpSdkRun() : SdkRun("http");

public sealed class GrpcSdkRun() : SdkRun("grpc");
