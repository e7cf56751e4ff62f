namespace RealTimeMesh.ObjectStores.Tests.Gcs;

public sealed class GcsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_accounts_key_is_exchanged_for_a_token_that_is_kept_while_it_holds()
    {
        using var tokens = new GcsTokens();
        await using var server = await GcsTestServer.StartAsync(tokens);
        var file = Path.Combine(_folder.Path, "key.json");
        await File.WriteAllTextAsync(file, tokens.KeyFile($"{server.Url}/token"), Cancel);
        using var store = Open(server, new GcsOptions { Endpoint = server.Url, CredentialsFile = file });
        Assert.True(await store.PutIfAbsentAsync("gs://lake/t/a", new byte[3], Cancel));
        Assert.Equal(3, (await store.ReadAsync("gs://lake/t/a", Cancel))!.Value.Content.Length);
        Assert.Equal(1, tokens.Given);
    }

    [Fact]
    public async Task A_token_that_is_about_to_end_is_asked_for_anew()
    {
        using var tokens = new GcsTokens { Lifetime = 60 };
        await using var server = await GcsTestServer.StartAsync(tokens);
        using var store = Open(server, new GcsOptions { Endpoint = server.Url, MetadataHost = server.Url["http://".Length..] });
        Assert.True(await store.PutIfAbsentAsync("gs://lake/t/a", new byte[3], Cancel));
        Assert.True(await store.ExistsAsync("gs://lake/t/a", Cancel));
        Assert.Equal(2, tokens.Given);
    }

    [Fact]
    public async Task Credentials_that_cannot_be_used_are_named_with_their_cure()
    {
        using var tokens = new GcsTokens();
        await using var server = await GcsTestServer.StartAsync(tokens);
        var file = Path.Combine(_folder.Path, "key.json");
        await File.WriteAllTextAsync(file, """{"type":"service_account"}""", Cancel);
        using var store = Open(server, new GcsOptions { Endpoint = server.Url, CredentialsFile = file });
        var fault = await Assert.ThrowsAsync<ObjectStoreException>(() => store.ReadAsync("gs://lake/t/a", Cancel));
        Assert.Contains(file, fault.Message, StringComparison.Ordinal);
        Assert.Contains("GOOGLE_APPLICATION_CREDENTIALS", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_of_an_upload_are_sent_again_where_their_answers_are_lost()
    {
        await using var server = await GcsTestServer.StartAsync();
        using var store = ObjectTableStore.Open("gs://lake", server.Options(_folder.Path), TimeProvider.System);
        var puts = 0;
        server.Faults.Of = request => request.StartsWith("PUT", StringComparison.Ordinal) && Interlocked.Increment(ref puts) % 2 == 1 ? Fault.AnswerLost : Fault.None;
        var content = new byte[17_000_000];
        new Random(1).NextBytes(content);
        Assert.True(await store.PutIfAbsentAsync("gs://lake/t/large", stream => stream.WriteAsync(content).AsTask(), durable: true, Cancel));
        Assert.True(content.AsSpan().SequenceEqual(server.Objects.Find("t/large")!.Content));
        Assert.True(puts >= 8);
    }

    [Fact]
    public async Task A_bucket_that_does_not_exist_is_named_with_its_cure()
    {
        await using var server = await GcsTestServer.StartAsync();
        using var store = ObjectTableStore.Open("gs://nowhere", server.Options(_folder.Path), TimeProvider.System);
        var fault = await Assert.ThrowsAsync<ObjectStoreException>(() => store.ReadAsync("gs://nowhere/t/a", Cancel));
        Assert.Contains("gs://nowhere", fault.Message, StringComparison.Ordinal);
        Assert.Contains("create it or correct its name", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private ObjectTableStore Open(GcsTestServer server, GcsOptions gcs) =>
        ObjectTableStore.Open("gs://lake", server.Options(_folder.Path) with { Gcs = gcs }, TimeProvider.System);
}
