using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using RealTimeMesh.EndToEnd.Tests;

namespace RealTimeMesh.Chaos.Tests;

public sealed class DiskFullTests(ITestOutputHelper output)
{
    private const int Batch = 500;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task A_full_disk_gets_a_clear_error_and_no_acknowledgement_for_what_was_not_stored()
    {
        var mount = Directory.CreateTempSubdirectory("mesh-full-").FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", mount), "needs the right to mount a small tmpfs (root)");
        try
        {
            await using var host = HostProcess.Start(Path.Combine(mount, "data"), "--pipeline", "flights", "--replay", "off", "--free-ports", "--no-console");
            host.KeepData = true;
            await host.ReadyAsync(Cancel);
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
            long acked = 0;
            Assert.Equal(HttpStatusCode.Accepted, await PostAsync(http, host, 0));
            acked += Batch;
            var ballast = Path.Combine(mount, "ballast");
            Fill(ballast);
            var refused = HttpStatusCode.OK;
            for (var i = 1; i < 200 && (int)refused < 400; i++)
            {
                refused = await PostAsync(http, host, i);
                if ((int)refused < 400)
                    acked += Batch;
            }

            output.WriteLine($"{acked} events acknowledged, then {(int)refused}");
            Assert.True(refused is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests, $"found {refused} after {acked} events");
            await host.KillAsync();
            File.Delete(ballast);

            // With room again, everything acknowledged is in bronze.
            await using var again = HostProcess.Start(host.DataPath, "--pipeline", "flights", "--replay", "off", "--free-ports", "--no-console");
            await again.ReadyAsync(Cancel);
            Assert.Equal(HttpStatusCode.Accepted, await PostAsync(http, again, 1000));
            acked += Batch;
            long stored;
            do
            {
                var ledger = await http.GetFromJsonAsync<JsonElement>(new Uri(again.AppUrl("lakehouse"), "/v1/ledger"), Cancel);
                stored = ledger.GetProperty("streams")[0].GetProperty("rows").GetInt64();
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
            }
            while (stored < acked);
        }
        finally
        {
            Run("umount", "-l", mount);
            Directory.Delete(mount);
        }
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient http, HostProcess host, int batch)
    {
        var lines = new StringBuilder();
        for (var i = 0; i < Batch; i++)
            lines.Append("{\"date\":\"2001-03-01T08:00:00Z\",\"delay\":").Append(i % 60).Append(",\"distance\":").Append(100 + batch).Append(",\"origin\":\"ORD\",\"destination\":\"MSP\"}\n");
        using var content = new StringContent(lines.ToString(), Encoding.UTF8, "application/x-ndjson");
        using var response = await http.PostAsync(new Uri(host.AppUrl("ingestion"), "/v1/streams/flights.departures/events"), content, Cancel);
        return response.StatusCode;
    }

    /// <summary>Takes all the room that is left.</summary>
    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create);
        var block = new byte[64 * 1024];
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Full: what was wanted.
        }
    }

    private static bool Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
