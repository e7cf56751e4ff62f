using System.Text.Json.Nodes;
using RealTimeMesh.Testing.KafkaProtocol;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>What the test broker answers, read by clients that are not ours: kafkajs, an implementation of its own, and kcat.</summary>
public sealed class TestBrokerClientsTests : IAsyncDisposable
{
    private readonly KafkaTestBroker _server = new(new KafkaTestBrokerOptions { Partitions = 2 });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Kafkajs_administers_topics_settings_offsets_and_groups()
    {
        OtherClients.SkipWithoutKafkaJs();
        var lines = await OtherClients.RunAsync("node", [OtherClients.Script("admin.js"), _server.Bootstraps], null);
        string[] expected =
        [
            Line("created", "true"),
            Line("created again", "false"),
            Line("no partitions", "\"INVALID_PARTITIONS\""),
            Line("three replicas", "\"INVALID_REPLICATION_FACTOR\""),
            Line("no name", "\"INVALID_TOPIC_EXCEPTION\""),
            Line("no such setting", "\"INVALID_CONFIG\""),
            Line("fewer partitions", "\"INVALID_PARTITIONS\""),
            Line("topics", """["js"]"""),
            Line("partitions", "[[0,1,[1],[1]],[1,1,[1],[1]],[2,1,[1],[1]]]"),
            Line("cluster", """[1,true,"test-cluster"]"""),
            Line("settings", """[["cleanup.policy","delete",5],["retention.ms","1000",1]]"""),
            Line("settings replaced", """[["cleanup.policy","compact",1],["retention.ms","604800000",5]]"""),
            Line("offsets", """[[0,"0","4"],[1,"0","0"],[2,"0","0"]]"""),
            Line("offsets by time", """[[0,"2"],[1,"0"],[2,"0"]]"""),
            Line("committed", """[[0,"3"],[1,"-1"],[2,"-1"]]"""),
            Line("read", """["0","1","2","3"]"""),
            Line("groups", """[["live","consumer"],["tool","consumer"]]"""),
            Line("described", """[["live","Stable",1],["stranger","Dead",0]]"""),
            Line("delete a live group", "\"NON_EMPTY_GROUP\""),
            Line("delete a stranger", "\"GROUP_ID_NOT_FOUND\""),
            Line("described after", """[["Empty",0]]"""),
            Line("delete an empty group", "\"accepted\""),
            Line("offsets after deleting", """[[0,"2","4"],[1,"0","0"],[2,"0","0"]]"""),
            Line("delete again", "\"UNKNOWN_TOPIC_OR_PARTITION\""),
            Line("topics at the end", "[]"),
        ];
        Assert.Equal(expected, lines);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("lz4")]
    public async Task Kcat_writes_lists_and_reads_from_a_time_on(string compression)
    {
        OtherClients.SkipWithout("kcat", ["-V"], "apt-get install kcat");
        var input = string.Concat(Enumerable.Range(0, 500).Select(n => $"key-{n}:a value that repeats, number {n}\n"));
        await OtherClients.RunAsync("kcat", ["-b", _server.Bootstraps, "-P", "-t", "t", "-p", "1", "-K", ":", "-z", compression, "-X", "enable.idempotence=true"], input);
        var listed = JsonNode.Parse(string.Concat(await OtherClients.RunAsync("kcat", ["-b", _server.Bootstraps, "-L", "-J", "-t", "t"], null)))!;
        Assert.Equal(2, listed["topics"]![0]!["partitions"]!.AsArray().Count);
        Assert.Equal(1, (int)listed["controllerid"]!);
        var read = await OtherClients.RunAsync("kcat", ["-b", _server.Bootstraps, "-C", "-t", "t", "-e", "-q", "-o", "s@1000000000000", "-f", "%p/%o/%k/%s\n"], null);
        Assert.Equal(Enumerable.Range(0, 500).Select(n => $"1/{n}/key-{n}/a value that repeats, number {n}"), read);
        Assert.Equal(["t [1] offset 500"], await OtherClients.RunAsync("kcat", ["-b", _server.Bootstraps, "-Q", "-t", "t:1:-1"], null));
        Assert.Empty(await OtherClients.RunAsync("kcat", ["-b", _server.Bootstraps, "-C", "-t", "t", "-e", "-q", "-o", "s@9000000000000"], null));
    }

    [Fact]
    public async Task Kcat_members_of_a_group_share_the_partitions_of_a_topic()
    {
        OtherClients.SkipWithout("kcat", ["-V"], "apt-get install kcat");
        await OtherClients.RunAsync("kcat", ["-b", _server.Bootstraps, "-P", "-t", "t"], string.Concat(Enumerable.Range(0, 100).Select(n => $"{n}\n")));
        string[] member = ["-b", _server.Bootstraps, "-e", "-q", "-X", "auto.offset.reset=earliest", "-G", "g", "t"];
        var read = await Task.WhenAll(OtherClients.RunAsync("kcat", member, null), OtherClients.RunAsync("kcat", member, null));
        Assert.Equal(Enumerable.Range(0, 100).Select(n => $"{n}").Order(), read.SelectMany(lines => lines).Distinct().Order());
    }

    private static string Line(string what, string answer) => $$"""{"what":"{{what}}","answer":{{answer}}}""";
}
