using System.Buffers;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry.Tests;

public sealed class ClientTests
{
    [Fact]
    public async Task Client_registers_finds_and_decodes_across_versions()
    {
        using var folder = new TemporaryFolder();
        await using var registry = await RunningRegistry.StartAsync(folder);
        var client = Client(registry.Http);
        var old = AvroContract.Parse(Schemas.One);
        var current = AvroContract.Parse(Schemas.OneWithDefault);
        var oldId = await client.RegisterAsync("s", old.Json, TestContext.Current.CancellationToken);
        var currentId = await client.RegisterAsync("s", current.Json, TestContext.Current.CancellationToken);
        var decoder = new ContractDecoder(current, Client(registry.Http));
        var batch = new ColumnBatch(current.Rows);

        Assert.False(decoder.TryDecode(Framed(oldId, 14), batch, out var notPrepared));
        Assert.Contains("unknown schema id", notPrepared, StringComparison.Ordinal);
        await decoder.PrepareAsync(oldId, TestContext.Current.CancellationToken);
        await decoder.PrepareAsync(currentId, TestContext.Current.CancellationToken);
        Assert.True(decoder.IsPrepared(oldId) && decoder.IsPrepared(currentId));
        Assert.True(decoder.TryDecode(Framed(oldId, 14), batch, out var error), error);
        Assert.True(decoder.TryDecode(Framed(currentId, 16, 2, (byte)'x'), batch, out error), error);

        Assert.Equal([7L, 8L], [batch.Columns[0].GetValue(0), batch.Columns[0].GetValue(1)]);
        Assert.Equal(["", "x"], [batch.Columns[1].GetValue(0), batch.Columns[1].GetValue(1)]);
        Assert.Equal("R", (await client.GetByIdAsync(oldId, TestContext.Current.CancellationToken)).Name);
    }

    [Fact]
    public async Task Client_passes_on_why_a_schema_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var registry = await RunningRegistry.StartAsync(folder);
        var client = Client(registry.Http);
        await client.RegisterAsync("s", Schemas.One, TestContext.Current.CancellationToken);

        var fault = await Assert.ThrowsAsync<ContractException>(() => client.RegisterAsync("s", Schemas.OneWithoutDefault, TestContext.Current.CancellationToken));

        Assert.Contains("READER_FIELD_MISSING_DEFAULT_VALUE", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decoder_refuses_ids_that_are_not_registered_or_not_readable_and_asks_again_later()
    {
        using var folder = new TemporaryFolder();
        await using var registry = await RunningRegistry.StartAsync(folder);
        var time = new FakeTimeProvider();
        var contract = AvroContract.Parse(Schemas.One);
        var decoder = new ContractDecoder(contract, new SchemaRegistryClient(registry.Http, new SchemaRegistryOptions { Url = registry.Url }, time));
        var batch = new ColumnBatch(contract.Rows);
        var foreign = await registry.RegisterOkAsync("foreign", "\"string\"");

        await decoder.PrepareAsync(foreign + 1, TestContext.Current.CancellationToken);
        await decoder.PrepareAsync(foreign, TestContext.Current.CancellationToken);

        Assert.True(decoder.IsPrepared(foreign + 1));
        Assert.False(decoder.TryDecode(Framed(foreign + 1, 14), batch, out var unknown));
        Assert.Contains("not in the registry", unknown, StringComparison.Ordinal);
        Assert.False(decoder.TryDecode(Framed(foreign, 14), batch, out var unreadable));
        Assert.Contains("expected a record", unreadable, StringComparison.Ordinal);

        await registry.RegisterOkAsync("s", Schemas.One);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(decoder.IsPrepared(foreign + 1));
        await decoder.PrepareAsync(foreign + 1, TestContext.Current.CancellationToken);
        Assert.True(decoder.TryDecode(Framed(foreign + 1, 14), batch, out var error), error);
    }

    [Fact]
    public async Task Client_waits_for_a_registry_that_restarts()
    {
        var time = new HastyTime();
        using var handler = new Unsteady(failures: 3);
        using var http = new HttpClient(handler);

        var id = await Client(http, time).RegisterAsync("s", Schemas.One, TestContext.Current.CancellationToken);

        Assert.Equal((7, 4), (id, handler.Calls));
    }

    [Fact]
    public async Task Client_gives_up_after_its_timeout_and_says_what_it_found()
    {
        var time = new HastyTime();
        using var handler = new Unsteady(failures: int.MaxValue);
        using var http = new HttpClient(handler);

        var fault = await Assert.ThrowsAsync<ContractException>(() => Client(http, time).RegisterAsync("s", Schemas.One, TestContext.Current.CancellationToken));

        Assert.Contains("HTTP 503", fault.Message, StringComparison.Ordinal);
        Assert.Contains("00:00:30", fault.Message, StringComparison.Ordinal);
    }

    private static SchemaRegistryClient Client(HttpClient http, TimeProvider? time = null) =>
        new(http, new SchemaRegistryOptions { Url = http.BaseAddress ?? new Uri("http://registry") }, time ?? TimeProvider.System);

    private static byte[] Framed(int id, params byte[] payload)
    {
        var framed = new byte[ConfluentFrame.HeaderLength + payload.Length];
        ConfluentFrame.WriteHeader(framed, id);
        payload.CopyTo(framed, ConfluentFrame.HeaderLength);
        return framed;
    }

    private sealed class Unsteady(int failures) : HttpMessageHandler
    {
        public int Calls { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Calls++;
            return Task.FromResult(Calls > failures
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"id":7}""") }
                : new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("starting") });
        }
    }

    /// <summary>A clock on which every pause is over as soon as it begins; the time it takes passes all the same.</summary>
    private sealed class HastyTime : FakeTimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime <= TimeSpan.FromSeconds(2))
                Advance(dueTime);

            return timer;
        }
    }
}
