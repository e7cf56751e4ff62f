using System.Net;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Lakehouse.Tests;

public sealed class RestoreTests
{
    private const string Restore = "/v1/tables/test/bronze.visits/restore";

    [Fact]
    public async Task A_restore_is_previewed_then_done_and_stands_in_the_audit_log()
    {
        await using var lake = await TableTests.FilledAsync(3);
        var (code, preview) = await lake.PostAsync(Restore, new { version = 1, dry_run = true });
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal((3, 1, 30, 10, 2), (Int(preview, "from_version"), Int(preview, "to_version"), Int(preview, "rows_before"), Int(preview, "rows_after"), Int(preview, "files_removed")));
        Assert.Contains("not delivered again", preview.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, preview.GetProperty("version").ValueKind);
        Assert.Equal((30, 30), await lake.AuditAsync());
        Assert.Equal(0, (await lake.GetAsync("/v1/audit-log")).GetProperty("entries").GetArrayLength());

        lake.Http.DefaultRequestHeaders.Add("x-mesh-user", "ada");
        var (_, done) = await lake.PostAsync(Restore, new { version = 1, expected_version = 3, reason = "a bad load" });
        Assert.Equal(4, Int(done, "version"));
        Assert.Equal((10, 10), await lake.AuditAsync());
        var commit = (await lake.GetAsync("/v1/tables/test/bronze.visits/history?limit=1")).GetProperty("commits")[0];
        Assert.Equal(("RESTORE", "a bad load"), (commit.GetProperty("operation").GetString(), commit.GetProperty("user_metadata").GetString()));

        var entries = (await lake.GetAsync("/v1/audit-log")).GetProperty("entries");
        Assert.Equal(["done", "asked"], entries.EnumerateArray().Select(entry => entry.GetProperty("stage").GetString()));
        Assert.StartsWith("ada at ", entries[0].GetProperty("who").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, Int(entries[0].GetProperty("before"), "version"));
        Assert.Equal(4, Int(entries[0].GetProperty("after"), "version"));

        // Appends go on behind it.
        Assert.Equal(HttpStatusCode.OK, await lake.DeliverAsync(Samples.Topic, lake.Visits(0, 30, 5)));
        Assert.Equal((15, 15), await lake.AuditAsync());
    }

    [Fact]
    public async Task The_audit_log_outlasts_a_restart_and_a_line_that_was_cut_off()
    {
        await using var lake = await TableTests.FilledAsync(2);
        await lake.PostAsync(Restore, new { version = 1 });
        await lake.StopAppAsync();
        await File.AppendAllTextAsync(Path.Combine(lake.DataPath, "audit", "lakehouse.ndjson"), "{\"number\":3,\"at\":");
        await lake.StartAppAsync();
        await lake.PostAsync(Restore, new { version = 2 });
        var entries = (await lake.GetAsync("/v1/audit-log")).GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal([4, 3, 2, 1], entries.Select(entry => Int(entry, "number")));
        var page = await lake.GetAsync("/v1/audit-log?before=3&limit=1");
        Assert.Equal(2, Int(page.GetProperty("entries")[0], "number"));
        Assert.Equal(2, Int(page, "next"));
    }

    [Fact]
    public async Task A_restore_that_cannot_be_is_refused_and_changes_nothing()
    {
        await using var lake = await TableTests.FilledAsync(2);
        Assert.Equal(HttpStatusCode.BadRequest, (await lake.PostAsync(Restore)).Code);
        Assert.Equal(HttpStatusCode.BadRequest, (await lake.PostAsync(Restore, new { version = 1, dryrun = true })).Code);
        Assert.Equal(HttpStatusCode.BadRequest, (await lake.PostAsync(Restore, new { version = "one" })).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await lake.PostAsync(Restore, new { version = 7 })).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await lake.PostAsync("/v1/tables/test/bronze.nothing/restore", new { version = 1 })).Code);
        var (code, conflict) = await lake.PostAsync(Restore, new { version = 1, expected_version = 1 });
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Contains("found version 2; expected version 1", conflict.GetProperty("error").GetString(), StringComparison.Ordinal);
        using var text = new StringContent("{\"version\":1}", Encoding.UTF8, "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await lake.Http.PostAsync(Restore, text)).StatusCode);
        Assert.Equal((20, 20), await lake.AuditAsync());
    }

    [Fact]
    public async Task Changing_tables_needs_the_token_where_one_is_set_and_a_local_caller_where_none_is()
    {
        await using var lake = await TableTests.FilledAsync(2);
        using var foreign = new HttpRequestMessage(HttpMethod.Post, Restore) { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.Forbidden, (await lake.Http.SendAsync(foreign)).StatusCode);
        await lake.StopAppAsync();
        await lake.StartAppAsync("--MESH_ADMIN_TOKEN=secret");
        Assert.Equal(HttpStatusCode.Unauthorized, (await lake.PostAsync(Restore, new { version = 1 })).Code);
        lake.Http.DefaultRequestHeaders.Authorization = new("Bearer", "secret");
        Assert.Equal(HttpStatusCode.OK, (await lake.PostAsync(Restore, new { version = 1 })).Code);
    }

    private static int Int(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
