using System.Text.Json;

namespace RealTimeMesh.Polyglot.Tests;

/// <summary>Runs every sample against a sidecar with the components of the samples, as their README files tell.</summary>
public sealed class SampleTests
{
    private const string CurlCure = "apt-get install curl";
    private const string PythonCure = "apt-get install python3";

    [Fact]
    public async Task Scripts_of_curl_do_what_they_say()
    {
        await Programs.NeedAsync("curl", CurlCure);
        await Programs.NeedAsync("node", Clients.NodeCure);
        await using var sample = await Sample.StartAsync("node", "curl/receiver.mjs", line => line.StartsWith("{\"listening\"", StringComparison.Ordinal));

        await sample.ShellAsync("publish.sh");
        Assert.Equal(("lamp", "com.dapr.event.sent"), await EventAsync("/orders", data => data.GetProperty("item").GetString()!));
        await sample.ShellAsync("cloudevent.sh");
        Assert.Equal(("chair", "order.placed"), await EventAsync("/placed", data => data.GetProperty("item").GetString()!));
        await sample.ShellAsync("bulk.sh");
        await sample.App.LineAsync(line => line.Contains("thirteen", StringComparison.Ordinal), "the third event of the bulk");
        await sample.ShellAsync("raw.sh");
        var raw = JsonDocument.Parse(await sample.App.LineAsync(line => line.Contains("\"/bytes\"", StringComparison.Ordinal), "the raw payload")).RootElement.GetProperty("body");
        Assert.Equal("just bytes"u8.ToArray(), raw.GetProperty("data_base64").GetBytesFromBase64());
        await sample.ShellAsync("dead-letter.sh");
        Assert.Equal(("cracked", "com.dapr.event.sent"), await EventAsync("/dead", data => data.GetProperty("item").GetString()!));

        Assert.Equal(
            ["204", """{"items":["lamp"]}""", "204", "409", "204"],
            Lines(await sample.ShellAsync("state.sh")).Where(line => !line.StartsWith('[')));
        Assert.Equal("10", (await sample.ShellAsync("transaction.sh")).Trim());
        Assert.Equal(["""{"sum":6}""", """{"sum":15}"""], Lines(await sample.ShellAsync("invoke.sh")));
        var metadata = JsonDocument.Parse(await sample.ShellAsync("metadata.sh")).RootElement;
        Assert.Equal(("sample", "blue"), (metadata.GetProperty("id").GetString(), metadata.GetProperty("extended").GetProperty("colour").GetString()));

        async Task<(string, string?)> EventAsync(string path, Func<JsonElement, string> read)
        {
            var line = await sample.App.LineAsync(line => line.Contains($"\"path\":\"{path}\"", StringComparison.Ordinal), $"a delivery to {path}");
            var body = JsonDocument.Parse(line).RootElement.GetProperty("body");
            return (read(body.GetProperty("data")), body.GetProperty("type").GetString());
        }
    }

    [Fact]
    public async Task The_publisher_and_the_subscriber_of_Node_add_up_orders()
    {
        var absent = await Clients.AbsentAsync();
        Assert.SkipWhen(absent is not null, absent ?? "");
        await using var sample = await Sample.StartAsync("node", "node/subscriber.mjs", line => line == "ready");
        Assert.Equal("total 42", (await sample.RunAsync("node", "node/publisher.mjs")).Trim());
        Assert.Contains("order 3: 12, total 42", sample.App.Lines);
    }

    [Fact]
    public async Task The_publisher_and_the_subscriber_of_Python_pass_orders()
    {
        await Programs.NeedAsync("python3", PythonCure);
        await using var sample = await Sample.StartAsync("python3", "python/subscriber.py", line => line == "ready");
        Assert.Equal("stół", (await sample.RunAsync("python3", "python/publisher.py")).Trim());
        await sample.App.LineAsync(line => line == """{"id": 3, "item": "stół"}""", "the last order");
    }

    [Fact]
    public void Every_script_of_curl_is_run()
    {
        var test = new HashSet<string>(["publish", "cloudevent", "bulk", "raw", "dead-letter", "state", "transaction", "invoke", "metadata"], StringComparer.Ordinal);
        Assert.Equal(test.Order(), Directory.GetFiles(Path.Combine(Clients.Samples, "curl"), "*.sh").Select(Path.GetFileNameWithoutExtension).Order());
    }

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
