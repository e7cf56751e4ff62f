using System.Text.Json;

namespace RealTimeMesh.EndToEnd.Tests;

public sealed class LakeCommandTests
{
    public static TheoryData<string> Tables =>
    [
        "dat_basic_append", "dat_multi_partitioned", "dat_writer_append", "deltars_cdf_table", "golden_column_mapping_name", "golden_decimal",
        "golden_deletes_checkpoint", "golden_dv_partitioned_checkpoint", "golden_inserts_updates", "golden_invalid_protocol", "golden_multi_part_checkpoint",
        "golden_nested_struct", "golden_primitives", "golden_time_travel", "golden_timestamp_ntz", "golden_type_widening", "kernel_app_txn_checkpoint",
        "kernelj_dv_small", "trino_append_only", "trino_crc_checksum", "trino_in_commit_timestamp", "trino_liquid_clustering", "trino_partition_values_parsed",
        "trino_uri", "trino_v2_checkpoint_json",
    ];

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task Query_prints_the_rows_of_a_table_of_another_engine_or_refuses_it(string name)
    {
        var folder = Folder(name);
        var (code, output, errors) = await LakeProcess.RunAsync("query", Path.Combine(folder, "delta"), "--format", "ndjson");
        var facts = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "case.json"), TestContext.Current.CancellationToken)).RootElement;
        if (facts.GetProperty("expect").GetString() == "refuse_read")
        {
            Assert.Equal(3, code);
            Assert.Empty(output);
            Assert.Contains("reader version 99", errors, StringComparison.Ordinal);
            return;
        }

        Assert.True(code == 0, errors);
        var expected = Path.Combine(folder, "expected", "rows.jsonl");
        if (File.Exists(expected))
            Assert.Equal(Rows(await File.ReadAllTextAsync(expected, TestContext.Current.CancellationToken)), Rows(output));
        else
            Assert.Equal(facts.GetProperty("row_count").GetInt32(), Rows(output).Count);
    }

    [Fact]
    public async Task Query_prints_older_versions_changes_and_the_result_of_a_query()
    {
        var table = Path.Combine(Folder("deltars_cdf_table"), "delta");
        Assert.Equal(10, Rows((await LakeProcess.RunAsync("query", table, "--version", "0", "--format", "ndjson")).Output).Count);
        var expected = await File.ReadAllTextAsync(Path.Combine(Folder("deltars_cdf_table"), "expected", "cdf.jsonl"), TestContext.Current.CancellationToken);
        Assert.Equal(Rows(expected), Rows((await LakeProcess.RunAsync("query", table, "--cdf", "0:3", "--format", "ndjson")).Output));
        var counts = await LakeProcess.RunAsync("query", table, "--cdf", "1:", "--format", "ndjson", "--sql", "select _change_type as kind, count(*) as n, sum(_commit_version) as s, interval 1 day as i from t group by 1 order by 1");
        Assert.Equal(
            """
            {"kind":"delete","n":1,"s":3,"i":"1 day"}
            {"kind":"update_postimage","n":6,"s":9,"i":"1 day"}
            {"kind":"update_preimage","n":6,"s":9,"i":"1 day"}

            """,
            counts.Output.ReplaceLineEndings());
    }

    [Fact]
    public async Task Query_reads_the_version_of_a_time_by_the_commits_own_times()
    {
        var table = Path.Combine(Folder("trino_in_commit_timestamp"), "delta");
        var (code, output, errors) = await LakeProcess.RunAsync("query", table, "--timestamp", "2025-02-18T06:22:30Z", "--sql", "select count(*) as n from t", "--format", "ndjson");
        Assert.True(code == 0, errors);
        Assert.Equal("{\"n\":1}\n", output);
    }

    [Fact]
    public async Task Query_opens_only_the_files_that_a_predicate_may_match()
    {
        var (code, output, errors) = await LakeProcess.RunAsync("query", Path.Combine(Folder("trino_uri"), "delta"), "--where", "part = 'a%percent'", "--format", "ndjson");
        Assert.True(code == 0, errors);
        Assert.Equal("{\"part\":\"a%percent\",\"y\":5}\n", output);
        Assert.Contains("1 of 6 files read", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ls_describe_and_history_tell_what_is_there()
    {
        var root = Path.GetDirectoryName(Folder("dat_basic_append"))!;
        var list = (await LakeProcess.RunAsync("ls", root, "--format", "ndjson")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Tables.Count, list.Length);
        Assert.Single(list, line => line.Contains("reader version 99", StringComparison.Ordinal));
        var describe = await LakeProcess.RunAsync("describe", Path.Combine(root, "kernelj_dv_small", "delta"));
        Assert.Contains("deletionVectors", describe.Output, StringComparison.Ordinal);
        Assert.Contains("8 (2 more deleted by deletion vectors)", describe.Output, StringComparison.Ordinal);
        var history = await LakeProcess.RunAsync("history", Path.Combine(root, "trino_uri", "delta"), "--limit", "2", "--format", "ndjson");
        Assert.Equal([6, 5], history.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("version").GetInt32()));
    }

    [Theory]
    [InlineData("there is no table here", "query", "/no/such/table")]
    [InlineData("found 'x'", "query", ".", "--cdf", "x")]
    [InlineData("one of them", "query", ".", "--cdf", "0:1", "--version", "1")]
    [InlineData("there is no folder", "ls", "/no/such/folder")]
    public async Task A_command_that_cannot_be_done_says_why_and_fails(string reason, params string[] arguments)
    {
        var (code, output, errors) = await LakeProcess.RunAsync(arguments);
        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.StartsWith("error: ", errors, StringComparison.Ordinal);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT, FROM, VALUES", "insert into t values (1)")]
    [InlineData("SELECT, FROM, VALUES", "create table x as select * from t")]
    [InlineData("SELECT, FROM, VALUES", "copy t to '/tmp/never-written.csv'")]
    [InlineData("SELECT, FROM, VALUES", "attach '/tmp/never-written.db'")]
    [InlineData("found 2 queries", "select 1; select 2")]
    [InlineData("found no query", " -- nothing")]
    [InlineData("position 1", "selec 1")]
    [InlineData("LINE 2: from t where nope", "select 1\nfrom t where nope")]
    public async Task A_query_that_is_none_is_refused_in_the_users_own_words(string reason, string sql)
    {
        var (code, output, errors) = await LakeProcess.RunAsync("query", Path.Combine(Folder("deltars_cdf_table"), "delta"), "--sql", sql);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("error: --sql", errors, StringComparison.Ordinal);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/never-written.csv") || File.Exists("/tmp/never-written.db"));
    }

    [Theory]
    [InlineData("--limit: found '0'", "--limit", "0")]
    [InlineData("--memory: found '1'", "--memory", "1")]
    [InlineData("--version: found 'x'", "--version", "x")]
    [InlineData("--version: found '-1'", "--version", "-1")]
    [InlineData("--format: found 'json'; expected table or ndjson", "--format", "json")]
    [InlineData("--timestamp: found 'soon'", "--timestamp", "soon")]
    public async Task An_option_that_cannot_be_is_told_without_a_page_of_help(string reason, params string[] options)
    {
        var (code, output, errors) = await LakeProcess.RunAsync(["query", Path.Combine(Folder("deltars_cdf_table"), "delta"), .. options]);
        Assert.Equal(1, code);
        Assert.DoesNotContain("Usage", output, StringComparison.Ordinal);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{0}/")]
    [InlineData("file://{1}")]
    [InlineData("file:{1}")]
    [InlineData("file://localhost{1}/")]
    public async Task A_table_is_found_by_any_name_of_its_folder(string form)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"lake names {Path.GetRandomFileName()}");
        CopyFolder(Path.Combine(Folder("deltars_cdf_table"), "delta"), folder);
        var path = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, folder, folder.Replace(" ", "%20", StringComparison.Ordinal));
        var (code, output, errors) = await LakeProcess.RunAsync("query", path, "--format", "ndjson", "--sql", "select count(*) as n from t");
        Directory.Delete(folder, recursive: true);
        Assert.True(code == 0, errors);
        Assert.Equal("{\"n\":9}\n", output);
    }

    [Fact]
    public async Task Other_tables_can_be_joined_and_tables_described()
    {
        var (table, other) = (Path.Combine(Folder("deltars_cdf_table"), "delta"), Path.Combine(Folder("golden_time_travel"), "delta"));
        var joined = await LakeProcess.RunAsync("query", table, "--table", $"ids={other}", "--sql", "select count(*) as n from t join ids using (id)", "--format", "ndjson");
        Assert.True(joined.Code == 0, joined.Errors);
        Assert.Equal("{\"n\":9}\n", joined.Output);
        Assert.Contains("birthday", (await LakeProcess.RunAsync("query", table, "--sql", "describe t", "--format", "ndjson")).Output, StringComparison.Ordinal);
        Assert.Contains("twice", (await LakeProcess.RunAsync("query", table, "--table", $"T={other}")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_that_is_closed_early_ends_the_command_in_peace()
    {
        var start = new System.Diagnostics.ProcessStartInfo("bash", ["-c", $"set -o pipefail; dotnet '{Path.Combine(AppContext.BaseDirectory, "RealTimeMesh.AppHost.dll")}' lake query '{Path.Combine(Folder("deltars_cdf_table"), "delta")}' --format ndjson --sql 'select range as n from range(50000000)' | head -1"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = System.Diagnostics.Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal("{\"n\":0}\n", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (process.ExitCode, await errors));
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static string Folder(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", "delta-tables", name);
            if (Directory.Exists(path))
                return path;
        }

        Assert.Skip("the collection of ready-made tables is not beside this repository");
        return "";
    }

    /// <summary>Lines of JSON in a form in which equal rows are equal texts, in order.</summary>
    private static IReadOnlyList<string> Rows(string lines) =>
        [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Canonical(JsonDocument.Parse(line).RootElement)).Order(StringComparer.Ordinal)];

    private static string Canonical(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", value.EnumerateObject().OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => $"{item.Name}:{Canonical(item.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(",", value.EnumerateArray().Select(Canonical)) + "]",
        JsonValueKind.Number => FormattableString.Invariant($"{value.GetDouble():R}") is var text && value.TryGetInt64(out var whole) ? FormattableString.Invariant($"{whole}") : text,
        JsonValueKind.String => $"'{value.GetString()}'",
        _ => value.GetRawText(),
    };
}
