using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Ingestion.Keys;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>Sources of keyed requests over restarts, and bodies that come again.</summary>
public sealed class KeyedBodyTests
{
    private readonly MemoryRecords _records = new();
    private readonly MemoryLog _log = new();

    private Task<TestIngestion> StartAsync(TimeProvider? time = null) => TestIngestion.StartAsync(log: _log, records: _records, configure: services =>
    {
        services.AddSingleton<IKeyStore>(new MemoryKeys(_records));
        if (time is not null)
            services.AddSingleton(time);
    });

    private static Task<HttpResponseMessage> PostAsync(TestIngestion app, string key, HttpContent body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/streams/{Samples.Topic}/events") { Content = body };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-ndjson");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return app.Client.SendAsync(request);
    }

    private static ByteArrayContent Lines(int from, int count) => new(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(from, count).Select(i => Samples.Good(i) + "\n"))));

    private int Sources => _log.Read(Samples.Topic).Select(item => item.Source).Distinct().Count();

    private static async Task<string> UntilAnsweredAsync(Func<Task<HttpResponseMessage>> post)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (true)
        {
            using var response = await post();
            if (response.StatusCode is not (HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable))
                return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        }
    }

    [Fact]
    public async Task Restarts_bring_no_new_sources_for_consumers_to_remember()
    {
        for (var run = 0; run < 20; run++)
        {
            await using var app = await StartAsync();
            for (var i = 0; i < 3; i++)
                Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, $"{run}-{i}", Lines((10 * run) + i, 1))).StatusCode);
        }

        Assert.Equal(1, Sources);
        // A run counts from where no earlier one has been.
        Assert.Equal(60, _log.ReadOnce(Samples.Topic).Count);
    }

    [Fact]
    public async Task A_run_with_an_open_request_keeps_its_lanes_until_that_can_not_come_again()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var failing = true;
        _log.OnPublish = (_, events) => Task.FromResult<IReadOnlyList<int>>(failing ? [.. Enumerable.Range(0, events.Count)] : []);
        await using (var app = await StartAsync(time))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(app, "open", Lines(0, 2))).StatusCode);
        failing = false;
        await using (var app = await StartAsync(time))
        {
            Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, "next", Lines(10, 2))).StatusCode);
            // What was left open goes under the sequences it had.
            Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, "open", Lines(0, 2))).StatusCode);
        }

        Assert.Equal((2, 4), (Sources, _log.ReadOnce(Samples.Topic).Count));
        time.Advance(TimeSpan.FromHours(49));
        for (var run = 0; run < 5; run++)
        {
            await using var app = await StartAsync(time);
            Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, $"later-{run}", Lines(20 + run, 1))).StatusCode);
        }

        Assert.Equal((2, 9), (Sources, _log.ReadOnce(Samples.Topic).Count));
    }

    [Fact]
    public async Task Services_at_once_have_lanes_of_their_own()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PostAsync(i % 2 == 0 ? first : second, $"k{i}", Lines(i, 5))));
        Assert.Equal(100, _log.ReadOnce(Samples.Topic).Count);
        Assert.Equal(2, _log.Read(Samples.Topic).Select(item => item.Source.Split('/')[2]).Distinct().Count());
    }

    [Fact]
    public async Task A_body_that_was_cut_off_comes_again_whole_and_another_in_its_place_is_refused()
    {
        await using var app = await StartAsync();
        var cut = await Assert.ThrowsAnyAsync<Exception>(() => PostAsync(app, "k", new CutContent(Lines(0, 3_000), 60_000, StoredAsync)));
        Assert.True(cut is HttpRequestException or IOException, cut.ToString());
        var other = await UntilAnsweredAsync(() => PostAsync(app, "k", new ChunkedContent(Lines(100_000, 3_000))));
        Assert.StartsWith("422 ", other, StringComparison.Ordinal);
        Assert.Contains("key_reused", other, StringComparison.Ordinal);
        Assert.Equal("""202 {"accepted":3000,"rejected":0}""", await UntilAnsweredAsync(() => PostAsync(app, "k", new ChunkedContent(Lines(0, 3_000)))));
        Assert.Equal(Enumerable.Range(0, 3_000).Select(i => $"{i}"), MemoryLog.Rows(_log.ReadOnce(Samples.Topic), Samples.Contract).Select(row => row.Split('|')[1]));
        Assert.Equal(3_000, (await app.LedgerAsync()).GetProperty("accepted").GetInt32());
    }

    [Fact]
    public async Task A_body_of_another_length_is_refused_before_it_is_read()
    {
        var failing = 1;
        _log.OnPublish = (_, _) => Task.FromResult<IReadOnlyList<int>>(Interlocked.Decrement(ref failing) >= 0 ? [0] : []);
        await using var app = await StartAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(app, "k", Lines(0, 2))).StatusCode);
        Assert.Contains("key_reused", await (await PostAsync(app, "k", Lines(0, 3))).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(app, "k", Lines(0, 2))).StatusCode);
    }

    private async Task StoredAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (_log.Count(Samples.Topic) == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    /// <summary>Announces no length.</summary>
    private sealed class ChunkedContent(HttpContent whole) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => whole.CopyToAsync(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Breaks off behind so many bytes, once something has happened.</summary>
    private sealed class CutContent(HttpContent whole, int bytes, Func<Task> until) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync((await whole.ReadAsByteArrayAsync()).AsMemory(0, bytes));
            await stream.FlushAsync();
            await until();
            throw new IOException("the sender is gone");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
