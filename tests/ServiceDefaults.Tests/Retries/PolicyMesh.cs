using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.Retries;
using RealTimeMesh.RocksDb;
using RealTimeMesh.Sidecar;
using RealTimeMesh.Sidecar.Invocation.Names;
using RealTimeMesh.Testing;

namespace RealTimeMesh.ServiceDefaults.Tests.Retries;

/// <summary>The retries beside an app that knows nothing of them, each behind a sidecar of its own over one log on disk.</summary>
internal sealed class PolicyMesh : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("policies-").FullName;
    private readonly InProcessNames _names = new();
    // One for both: a folder has one log in a process.
    private readonly RocksDbPubSubType _type = new();
    private readonly List<Func<Task>> _stops = [];
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly int _appPort = FreePorts.Next();
    private readonly int _retriesPort = FreePorts.Next();
    private IPubSubBroker _broker = null!;
    private SidecarPorts _retriesSidecar = null!;
    private Process? _retries;
    private int _daprPort;

    /// <summary>What the app was given: id and attempt.</summary>
    public IReadOnlyList<string> Given => [.. _lines.Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement).Select(line => $"{line.GetProperty("id")}#{line.GetProperty("attempt")}")];

    /// <summary>Starts all of it; the app is the sample of Node, or the same in C# without any of our code.</summary>
    public static async Task<PolicyMesh> StartAsync(string policy, bool node = false, bool ownProcess = false)
    {
        var mesh = new PolicyMesh();
        try
        {
            await File.WriteAllTextAsync(Path.Combine(mesh._folder, "retries.yaml"), policy);
            await mesh.StartPartsAsync(node, ownProcess);
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    public async Task PublishAsync(object order)
    {
        using var http = new HttpClient();
        using var response = await http.PostAsync(new Uri($"http://127.0.0.1:{_daprPort}/v1.0/publish/pubsub/orders"), new StringContent(JsonSerializer.Serialize(order), Encoding.UTF8, "application/json"));
        response.EnsureSuccessStatusCode();
    }

    public async Task<IReadOnlyList<DeadLetterRecord>> LettersAsync()
    {
        List<DeadLetterRecord> letters = [];
        foreach (var partition in await _broker.GetWatermarksAsync("orders.dlq", default))
        {
            foreach (var message in await _broker.ReadAsync("orders.dlq", partition.Partition, 0, 100, default))
            {
                Assert.True(DeadLetterReader.TryRead(message.Value, out var letter, out var error), error);
                letters.Add(letter);
            }
        }

        return letters;
    }

    public async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(120));
        while (!await condition())
        {
            if (limit.IsCancellationRequested)
                Assert.Fail($"given {string.Join(", ", Given)}; letters {string.Join(" | ", (await LettersAsync()).Select(letter => letter.Reason.Message))}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stop in Enumerable.Reverse(_stops))
            await stop();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartPartsAsync(bool node, bool ownProcess)
    {
        if (node)
            await StartNodeAsync();
        else
            await StartAppAsync();
        _daprPort = (await StartSidecarAsync("sample", _appPort)).Http;
        _retriesSidecar = await StartSidecarAsync("retries", _retriesPort);
        if (ownProcess)
        {
            StartRetriesProcess();
            _stops.Add(KillRetriesAsync);
            return;
        }

        var retries = RetriesApp.Build([.. Arguments(), "--MESH_IN_PROCESS=true"]);
        await retries.StartAsync();
        _stops.Add(() => retries.StopAsync());
    }

    /// <summary>Starts the retries in a process of their own, which can be killed.</summary>
    public void StartRetriesProcess()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RealTimeMesh.Retries.dll"), .. Arguments()]) { RedirectStandardOutput = true, RedirectStandardError = true };
        _retries = Process.Start(start)!;
        _retries.OutputDataReceived += static (_, _) => { };
        _retries.ErrorDataReceived += static (_, _) => { };
        _retries.BeginOutputReadLine();
        _retries.BeginErrorReadLine();
    }

    /// <summary>SIGKILL, at once.</summary>
    public async Task KillRetriesAsync()
    {
        _retries!.Kill();
        await _retries.WaitForExitAsync();
        _retries.Dispose();
    }

    private string[] Arguments() =>
    [
        $"--urls=http://127.0.0.1:{_retriesPort}", $"--DAPR_GRPC_PORT={_retriesSidecar.Grpc}", $"--DAPR_HTTP_PORT={_retriesSidecar.Http}", "--APP_ID=retries", $"--MESH_RETRIES={_folder}", "--Logging:LogLevel:RealTimeMesh=None",
    ];

    private async Task<SidecarPorts> StartSidecarAsync(string app, int port)
    {
        var spec = new ComponentSpec { Name = "pubsub", Type = "pubsub.rocksdb", Metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["partitions"] = "2" } };
        var broker = (IPubSubBroker)await _type.StartAsync(spec, new ComponentContext(app, _folder, TimeProvider.System), default);
        _broker ??= broker;
        var sidecar = SidecarApp.Build(new SidecarSetup
        {
            Options = new SidecarOptions { AppId = app, HttpPort = 0, GrpcPort = 0, InternalGrpcPort = 0, AppPort = port },
            Components = [new SidecarComponent(spec, broker)],
            Names = _names,
            Time = TimeProvider.System,
            Logging = static logging => logging.ClearProviders(),
        });
        await sidecar.StartAsync();
        _stops.Add(() => broker.DisposeAsync().AsTask());
        _stops.Add(() => sidecar.StopAsync());
        return sidecar.Services.GetRequiredService<SidecarPorts>();
    }

    private async Task StartAppAsync()
    {
        var builder = WebApplication.CreateSlimBuilder([$"--urls=http://127.0.0.1:{_appPort}"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var attempts = new ConcurrentDictionary<int, int>();
        app.MapGet("/dapr/subscribe", () => Results.Json(((string[])["orders", "orders.retry"]).Select(topic => new { pubsubname = "pubsub", topic, route = "/orders", deadLetterTopic = "orders.failed" })));
        app.MapPost("/orders", async (HttpRequest request) =>
        {
            var data = (await JsonDocument.ParseAsync(request.Body)).RootElement.GetProperty("data");
            var id = data.GetProperty("id").GetInt32();
            var attempt = attempts.AddOrUpdate(id, 1, static (_, count) => count + 1);
            _lines.Enqueue(JsonSerializer.Serialize(new { id, attempt }));
            var drops = data.TryGetProperty("drop", out var drop) && drop.GetBoolean();
            var fails = data.TryGetProperty("fails", out var count) ? count.GetInt32() : 0;
            return Results.Json(new { status = drops ? "DROP" : attempt <= fails ? "RETRY" : "SUCCESS" });
        });
        await app.StartAsync();
        _stops.Add(() => app.StopAsync());
    }

    private async Task StartNodeAsync()
    {
        var start = new ProcessStartInfo("node", [Repository.PathOf("samples", "retries", "subscriber.mjs")]) { RedirectStandardOutput = true };
        start.Environment["APP_PORT"] = _appPort.ToString(CultureInfo.InvariantCulture);
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            Assert.Skip($"node is not installed ({exception.Message}); apt-get install nodejs");
            return;
        }

        _stops.Add(async () =>
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        });
        var ready = new TaskCompletionSource();
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data == "ready")
                ready.TrySetResult();
            else if (line.Data is not null)
                _lines.Enqueue(line.Data);
        };
        process.BeginOutputReadLine();
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
    }
}
