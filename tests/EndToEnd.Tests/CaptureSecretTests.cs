using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using RealTimeMesh.Testing;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>Connections of captured databases that are kept in a secret store.</summary>
public sealed class CaptureSecretTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("capture-secret-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact(Timeout = 600_000)]
    public async Task A_connection_is_taken_from_the_secret_store_and_one_that_is_not_there_is_told()
    {
        Assert.SkipWhen(PostgresServer.Absent is not null, PostgresServer.Absent ?? "");
        await using var server = await PostgresServer.StartAsync();
        await using (var database = NpgsqlDataSource.Create($"{server.Connection};Pooling=false"))
        await using (var command = database.CreateCommand("CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1), (2), (3)"))
            await command.ExecuteNonQueryAsync(Cancel);
        await WriteAsync(server);
        await using var host = HostProcess.Start(Path.Combine(_root, "data"), "--pipelines", Path.Combine(_root, "pipelines"), "--components", Path.Combine(_root, "components"), "--free-ports", "--no-console");
        await host.ReadyAsync(Cancel);
        using var http = new HttpClient();
        var sources = await UntilAsync(http, host, all => Of(all, "orders").GetProperty("accepted").GetInt64() == 3 && Of(all, "lost").GetProperty("error").ValueKind == JsonValueKind.String);
        var error = Of(sources, "lost").GetProperty("error").GetString()!;
        Assert.Contains("nosuch", error, StringComparison.Ordinal);
        Assert.Contains("vault", error, StringComparison.Ordinal);
        // What is secret is shown nowhere.
        Assert.DoesNotContain("Application Name=not-for-eyes", host.Output + sources, StringComparison.Ordinal);
    }

    private static JsonElement Of(JsonElement sources, string stream) => sources.GetProperty("sources").EnumerateArray().Single(source => source.GetProperty("stream").GetString() == stream);

    private static async Task<JsonElement> UntilAsync(HttpClient http, HostProcess host, Func<JsonElement, bool> reached)
    {
        while (true)
        {
            var sources = await http.GetFromJsonAsync<JsonElement>(new Uri(host.AppUrl("ingestion"), "/v1/sources"), Cancel);
            if (reached(sources))
                return sources;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }
    }

    private async Task WriteAsync(PostgresServer server)
    {
        var components = Directory.CreateDirectory(Path.Combine(_root, "components")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "components", "embedded")))
            File.Copy(file, Path.Combine(components, Path.GetFileName(file)));
        var secrets = Path.Combine(_root, "secrets.json");
        await File.WriteAllTextAsync(secrets, JsonSerializer.Serialize(new Dictionary<string, string> { ["shop"] = $"{server.Connection};Application Name=not-for-eyes" }), Cancel);
        await File.WriteAllTextAsync(Path.Combine(components, "vault.yaml"), $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: vault
            spec:
              type: secretstores.local.file
              version: v1
              metadata:
                - name: secretsFile
                  value: {{secrets}}
            """, Cancel);
        var pipeline = Directory.CreateDirectory(Path.Combine(_root, "pipelines", "shop")).FullName;
        await File.WriteAllTextAsync(Path.Combine(pipeline, "order.avsc"), """{"type":"record","name":"Order","fields":[{"name":"id","type":"int"},{"name":"_op","type":"string"},{"name":"_committed_at","type":{"type":"long","logicalType":"timestamp-micros"}}]}""", Cancel);
        await File.WriteAllTextAsync(Path.Combine(pipeline, "pipeline.yaml"), """
            pipeline: shop
            streams:
              orders:
                contract: order.avsc
                key: id
                time: { field: _committed_at }
                sources:
                  - postgres: { connection: { secretKeyRef: { store: vault, name: shop, key: shop } }, tables: [public.orders] }
              lost:
                contract: order.avsc
                key: id
                time: { field: _committed_at }
                sources:
                  - name: lost
                    postgres: { connection: { secretKeyRef: { store: vault, name: nosuch, key: nosuch } }, tables: [public.orders] }
            tables:
              bronze.orders: { append: orders }
            """, Cancel);
    }
}
