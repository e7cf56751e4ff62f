namespace RealTimeMesh.ObjectStores.Tests.S3;

public sealed class S3FaultTests : IAsyncLifetime
{
    private readonly TestFolder _cache = new();
    private S3TestServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await S3TestServer.StartAsync();

    [Fact]
    public async Task A_busy_store_is_asked_again_and_each_attempt_is_told()
    {
        var left = 3;
        List<string> told = [];
        _server.Faults.Of = _ => left-- > 0 ? Fault.Busy : Fault.None;
        using var store = Open(options => options with { OnRetry = told.Add });
        Assert.True(await store.PutIfAbsentAsync("s3://lake/t/a", new byte[3], Cancel));
        Assert.Equal(3, told.Count);
        Assert.Contains("s3://lake/t/a: 503 SlowDown", told[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_stays_busy_is_given_up_with_the_setting_named()
    {
        _server.Faults.Of = _ => Fault.Busy;
        using var store = Open(options => options with { MaxAttempts = 3 });
        var fault = await Assert.ThrowsAsync<ObjectStoreException>(() => store.ReadAsync("s3://lake/t/a", Cancel));
        Assert.Contains("failed 3 times", fault.Message, StringComparison.Ordinal);
        Assert.Contains("MESH_LAKE_ATTEMPTS", fault.Message, StringComparison.Ordinal);
        Assert.Equal(3, _server.Faults.Requests.Count);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_given_up_after_the_timeout()
    {
        _server.Faults.Of = _ => Fault.Silent;
        using var store = Open(options => options with { MaxAttempts = 2, RequestTimeout = TimeSpan.FromMilliseconds(200) });
        var fault = await Assert.ThrowsAsync<ObjectStoreException>(() => store.ReadAsync("s3://lake/t/a", Cancel));
        Assert.Contains("no answer within 0.2 s", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_while_the_store_is_silent_ends_at_once()
    {
        _server.Faults.Of = _ => Fault.Silent;
        using var store = Open();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.ReadAsync("s3://lake/t/a", stop.Token)).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
    }

    [Fact]
    public async Task A_put_whose_answer_was_lost_is_told_as_taken_and_the_file_is_there()
    {
        var left = 1;
        _server.Faults.Of = _ => left-- > 0 ? Fault.AnswerLost : Fault.None;
        using var store = Open();
        Assert.False(await store.PutIfAbsentAsync("s3://lake/t/a", new byte[] { 1, 2 }, Cancel));
        Assert.Equal([1, 2], (await store.ReadAsync("s3://lake/t/a", Cancel))!.Value.Content.ToArray());
    }

    [Fact]
    public async Task The_end_of_an_upload_whose_answer_was_lost_is_found_in_the_object()
    {
        var left = 1;
        _server.Faults.Of = request => request.StartsWith("POST", StringComparison.Ordinal) && !_server.Objects.Uploads.IsEmpty && left-- > 0 ? Fault.AnswerLost : Fault.None;
        using var store = Open();
        using (var stage = store.Stage("s3://lake/t"))
        {
            await File.WriteAllBytesAsync(Path.Combine(stage.Root, "large"), new byte[11_000_000], Cancel);
            await stage.PublishAsync(["large"], Cancel);
        }

        Assert.Equal(11_000_000, (await store.DescribeAsync("s3://lake/t/large", Cancel))!.Value.Size);
        Assert.Equal(0, left);
    }

    [Fact]
    public async Task An_upload_that_is_given_up_leaves_no_parts()
    {
        _server.Faults.Of = request => request.StartsWith("PUT", StringComparison.Ordinal) ? Fault.Busy : Fault.None;
        using var store = Open(options => options with { MaxAttempts = 2 });
        await Assert.ThrowsAsync<ObjectStoreException>(() => store.PutIfAbsentAsync("s3://lake/t/large", stream => stream.WriteAsync(new byte[11_000_000]).AsTask(), durable: true, Cancel));
        Assert.Empty(_server.Objects.Uploads);
        Assert.Empty(_server.Objects.Objects);
    }

    [Fact]
    public async Task Wrong_credentials_and_absent_buckets_are_named_with_their_cure()
    {
        using var wrong = Open(options => options with { S3 = options.S3 with { SecretKey = "wrong" } });
        var denied = await Assert.ThrowsAsync<ObjectStoreException>(() => wrong.ReadAsync("s3://lake/t/a", Cancel));
        Assert.Contains("s3://lake/t/a: 403 SignatureDoesNotMatch", denied.Message, StringComparison.Ordinal);
        Assert.Contains("AWS_SECRET_ACCESS_KEY", denied.Message, StringComparison.Ordinal);
        using var absent = ObjectTableStore.Open("s3://nowhere", _server.Options(_cache.Path), TimeProvider.System);
        var gone = await Assert.ThrowsAsync<ObjectStoreException>(() => absent.ReadAsync("s3://nowhere/t/a", Cancel));
        Assert.Contains("create it or correct its name", gone.Message, StringComparison.Ordinal);
        Assert.Equal(2, _server.Faults.Requests.Count);
    }

    [Fact]
    public async Task Settings_come_from_the_environment_and_a_wrong_one_is_named()
    {
        var variables = new Dictionary<string, string> { ["AWS_ENDPOINT_URL"] = _server.Url, ["MESH_LAKE_CACHE"] = _cache.Path, ["MESH_LAKE_CACHE_MIB"] = "7", ["MESH_LAKE_ATTEMPTS"] = "2" };
        var options = ObjectStoreOptions.FromEnvironment(variables.GetValueOrDefault);
        Assert.Equal((7, 2, _server.Url, 16), (options.CacheMiB, options.MaxAttempts, options.S3.Endpoint, options.Parallelism));
        using var store = ObjectTableStore.Open("s3://lake", options with { S3 = options.S3 with { AccessKey = S3TestServer.AccessKey, SecretKey = S3TestServer.SecretKey } }, TimeProvider.System);
        Assert.False(await store.ExistsAsync("s3://lake/t/a", Cancel));
        variables["MESH_LAKE_PART_MIB"] = "1";
        var fault = Assert.Throws<ObjectStoreException>(() => ObjectStoreOptions.FromEnvironment(variables.GetValueOrDefault));
        Assert.Contains("MESH_LAKE_PART_MIB: found '1'; expected a whole number from 5", fault.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cache.Dispose();
    }

    private ObjectTableStore Open(Func<ObjectStoreOptions, ObjectStoreOptions>? change = null) =>
        ObjectTableStore.Open("s3://lake", (change ?? (options => options))(_server.Options(_cache.Path)), TimeProvider.System);
}
