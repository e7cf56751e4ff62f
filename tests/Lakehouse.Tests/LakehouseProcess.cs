using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Lakehouse.Tests;

/// <summary>The service in a process of its own, which can be killed.</summary>
internal sealed class LakehouseProcess : IAsyncDisposable
{
    private const string Pipeline = """
        pipeline: test
        streams:
          visits:
            contract: visit.avsc
            key: place
            time: { field: at, outOfOrder: 5s, idleAfter: 10s }
        tables:
          bronze.visits: { append: visits, partitionBy: [ingestion_date] }
        """;

    private readonly Process _process;

    private LakehouseProcess(Process process, Uri url)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = url };
    }

    public HttpClient Http { get; }

    public static async Task<LakehouseProcess> StartAsync(string folder, string registry, params string[] settings)
    {
        var pipeline = Directory.CreateDirectory(Path.Combine(folder, "pipelines", "test")).FullName;
        await File.WriteAllTextAsync(Path.Combine(pipeline, "pipeline.yaml"), Pipeline);
        await File.WriteAllTextAsync(Path.Combine(pipeline, "visit.avsc"), Samples.Contract.Json);
        var url = $"http://127.0.0.1:{FreePorts.Next()}";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RealTimeMesh.Lakehouse.dll")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[$"--urls={url}", $"--MESH_DATA={folder}", $"--MESH_PIPELINES={folder}/pipelines", $"--SCHEMA_REGISTRY_URL={registry}", "--MESH_BRONZE_LINGER_MS=5", "--DAPR_HTTP_PORT=1", "--DAPR_GRPC_PORT=1", "--Logging:LogLevel:Default=Error", .. settings])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var service = new LakehouseProcess(process, new Uri(url));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await service.IsUpAsync())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        return service;
    }

    /// <summary>True where the service took the events; false where it died first or refused.</summary>
    public async Task<bool> DeliverAsync(IEnumerable<Sent> events)
    {
        using var content = new ByteArrayContent(Samples.Delivery(Samples.Topic, events));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var response = await Http.PostAsync($"/topics/{Samples.Topic}", content);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>SIGKILL, at once.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
        Http.Dispose();
    }

    private async Task<bool> IsUpAsync()
    {
        if (_process.HasExited)
            Assert.Fail($"the service ended with {_process.ExitCode} before it was up");
        try
        {
            using var response = await Http.GetAsync("/v1/tables");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
