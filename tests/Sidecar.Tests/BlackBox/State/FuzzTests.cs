using System.Text;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.State;

/// <summary>Keys and values of every kind come back as they were, whichever API they went through.</summary>
public sealed class FuzzTests(FuzzTests.Sidecar sidecar) : IClassFixture<FuzzTests.Sidecar>
{
    private const int Rounds = 300;
    private const int AtOnce = 16;

    private Daprd Daprd => sidecar.Daprd;

    private string Store => $"/v1.0/state/{Uri.EscapeDataString(Sidecar.Store)}";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whatever_is_saved_over_http_is_read_over_http(int seed)
    {
        var random = new Random(seed);
        await InParallelAsync(Enumerable.Range(0, Rounds).Select(round => Batch.Of(random, $"h{seed}.{round}")), async batch =>
        {
            Assert.Equal((204, ""), await GetAsync(batch.Missing));
            await SaveAsync(JsonSerializer.Serialize(batch.Binaries.Select(pair => new { key = pair.Key, value = Convert.ToBase64String(pair.Value) })));
            await SaveAsync(JsonSerializer.Serialize(batch.Texts.Select(pair => new { key = pair.Key, value = pair.Value })));
            foreach (var (key, value) in batch.Binaries)
                Assert.Equal((200, $"\"{Convert.ToBase64String(value)}\""), await GetAsync(key));
            foreach (var (key, value) in batch.Texts)
                Assert.Equal((200, GoJson(value)), await GetAsync(key));
        });
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_is_saved_over_either_api_is_read_over_grpc(int seed)
    {
        var random = new Random(seed);
        await InParallelAsync(Enumerable.Range(0, Rounds).Select(round => Batch.Of(random, $"g{seed}.{round}")), async batch =>
        {
            Assert.Empty(await ReadAsync(batch.Missing));
            await Daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = Sidecar.Store, States = { batch.Binaries.Select(pair => new StateItem { Key = pair.Key, Value = ByteString.CopyFrom(pair.Value) }) } });
            await Daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = Sidecar.Store, States = { batch.Texts.Select(pair => new StateItem { Key = pair.Key, Value = ByteString.CopyFromUtf8(pair.Value) }) } });
            await SaveAsync(JsonSerializer.Serialize(batch.Binaries.Select(pair => new { key = pair.Key + "http", value = Convert.ToBase64String(pair.Value) })));
            foreach (var (key, value) in batch.Binaries)
            {
                Assert.Equal(value, await ReadAsync(key));
                Assert.Equal($"\"{Convert.ToBase64String(value)}\"", Encoding.UTF8.GetString(await ReadAsync(key + "http")));
            }

            foreach (var (key, value) in batch.Texts)
                Assert.Equal(value, Encoding.UTF8.GetString(await ReadAsync(key)));
        });
    }

    [Fact]
    public async Task Keys_of_a_bulk_read_and_a_transaction_may_be_any_text()
    {
        var random = new Random(5);
        await InParallelAsync(Enumerable.Range(0, 50).Select(round => Batch.Of(random, $"b{round}")), async batch =>
        {
            var keys = batch.Texts.Keys.ToList();
            var saved = await Daprd.PostAsync($"{Store}/transaction", JsonSerializer.Serialize(new { operations = batch.Texts.Select(pair => new { operation = "upsert", request = new { key = pair.Key, value = pair.Value } }) }));
            Assert.Equal((204, ""), ((int)saved.Status, saved.Body));
            var read = await Daprd.PostAsync($"{Store}/bulk", JsonSerializer.Serialize(new { keys }));
            Assert.Equal(keys.Select(key => (key, batch.Texts[key])), read.Json.EnumerateArray().Select(item => (item.GetProperty("key").GetString()!, item.GetProperty("data").GetString()!)));
            var many = await Daprd.Grpc.GetBulkStateAsync(new GetBulkStateRequest { StoreName = Sidecar.Store, Keys = { keys } });
            Assert.Equal(keys.Order(StringComparer.Ordinal), many.Items.Select(item => item.Key).Order(StringComparer.Ordinal));
        });
    }

    [Fact]
    public async Task No_list_at_all_is_an_empty_one() => await SaveAsync("null\n");

    private async Task SaveAsync(string body)
    {
        var answer = await Daprd.PostAsync(Store, body);
        Assert.Equal((204, ""), ((int)answer.Status, answer.Body));
    }

    private async Task<(int Status, string Body)> GetAsync(string key)
    {
        // Go's query escape, as its client writes paths here: a space is a plus sign.
        var answer = await Daprd.GetAsync($"{Store}/{Uri.EscapeDataString(key).Replace("%20", "+", StringComparison.Ordinal)}");
        return ((int)answer.Status, answer.Body);
    }

    private async Task<byte[]> ReadAsync(string key) => (await Daprd.Grpc.GetStateAsync(new GetStateRequest { StoreName = Sidecar.Store, Key = key })).Data.ToByteArray();

    /// <summary>A text as Go's encoder writes it.</summary>
    private static string GoJson(string text) => '"' + text
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal).Replace("&", "\\u0026", StringComparison.Ordinal) + '"';

    private static Task InParallelAsync(IEnumerable<Batch> batches, Func<Batch, Task> check) =>
        Parallel.ForEachAsync(batches.ToList(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (batch, _) => await check(batch));

    private sealed record Batch(string Missing, IReadOnlyDictionary<string, byte[]> Binaries, IReadOnlyDictionary<string, string> Texts)
    {
        // The ranges that Go's fuzzer takes its characters from.
        private static readonly (int First, int Last)[] Ranges = [(' ', '~'), (0xa0, 0x2af), (0x4e00, 0x9fff)];

        /// <param name="mark">Keeps keys apart; what follows is anything.</param>
        public static Batch Of(Random random, string mark) => new(
            mark + "missing" + Text(random),
            Enumerable.Range(0, random.Next(6)).ToDictionary(i => $"{mark}b{i}{Key(random)}", _ => Bytes(random)),
            Enumerable.Range(0, random.Next(6)).ToDictionary(i => $"{mark}t{i}{Key(random)}", _ => Text(random)));

        private static string Key(Random random) => Text(random).Replace("||", "|", StringComparison.Ordinal);

        private static string Text(Random random) => string.Concat(Enumerable.Range(0, 1 + random.Next(20)).Select(_ => Ranges[random.Next(Ranges.Length)]).Select(range => char.ConvertFromUtf32(random.Next(range.First, range.Last + 1))));

        private static byte[] Bytes(Random random)
        {
            var bytes = new byte[1 + random.Next(10)];
            random.NextBytes(bytes);
            return bytes;
        }
    }

    /// <summary>One sidecar for all.</summary>
    public sealed class Sidecar : IAsyncLifetime
    {
        internal const string Store = "8a3f0ed2-store";

        internal Daprd Daprd { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryState(Store)] });

        public ValueTask DisposeAsync() => Daprd.DisposeAsync();
    }
}
