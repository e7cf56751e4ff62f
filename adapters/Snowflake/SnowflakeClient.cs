using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using RealTimeMesh.Snowflake.Wire;

namespace RealTimeMesh.Snowflake;

/// <summary>
/// A client of Snowflake's SQL REST API. A request whose answer got lost is sent again with its request id, which
/// the server answers with the first run. Thread-safe.
/// </summary>
public sealed class SnowflakeClient : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly SnowflakeOptions _options;
    private readonly TimeProvider _time;
    private readonly KeyPairToken? _token;

    public SnowflakeClient(SnowflakeOptions options, TimeProvider time, HttpMessageHandler? handler = null)
    {
        _options = options;
        _time = time;
        _token = options.PrivateKeyPem is null ? null : new KeyPairToken(options, time);
        _http = new HttpClient(handler ?? new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip }) { BaseAddress = options.Endpoint, Timeout = options.StatementTimeout + TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("RealTimeMesh", "0.1"));
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <summary>Runs one statement to its end and reads its whole result.</summary>
    public async Task<SnowflakeResult> ExecuteAsync(string statement, CancellationToken cancellationToken) =>
        await ReadAsync(await RunAsync(statement, 1, cancellationToken), cancellationToken);

    /// <summary>Runs several statements in one session and reads the result of each. The first that fails ends them.</summary>
    public async Task<IReadOnlyList<SnowflakeResult>> ExecuteManyAsync(IReadOnlyList<string> statements, CancellationToken cancellationToken)
    {
        if (statements.Count == 1)
            return [await ExecuteAsync(statements[0], cancellationToken)];
        var answer = await RunAsync(string.Join(";\n", statements), statements.Count, cancellationToken);
        var results = new List<SnowflakeResult>();
        foreach (var handle in answer.StatementHandles ?? [])
            results.Add(await ReadAsync(await PollAsync(handle, cancellationToken), cancellationToken));
        return results;
    }

    public void Dispose()
    {
        _http.Dispose();
        _token?.Dispose();
    }

    private async Task<Answer> RunAsync(string statement, int count, CancellationToken cancellationToken)
    {
        var body = new SubmitBody
        {
            Statement = statement,
            Timeout = Math.Max(1, (int)_options.StatementTimeout.TotalSeconds),
            Database = _options.Database,
            Warehouse = _options.Warehouse,
            Role = _options.Role,
            Parameters = count == 1 ? null : new() { ["MULTI_STATEMENT_COUNT"] = count.ToString(CultureInfo.InvariantCulture) },
        };
        // One id for all attempts makes the submit idempotent.
        var requestId = Guid.CreateVersion7(_time.GetUtcNow());
        var (status, answer) = await SendAsync(
            attempt => new HttpRequestMessage(HttpMethod.Post, $"api/v2/statements?requestId={requestId}{(attempt > 0 ? "&retry=true" : "")}") { Content = JsonContent.Create(body, options: Json) }, cancellationToken);
        return status == HttpStatusCode.Accepted ? await PollAsync(Handle(answer), cancellationToken) : answer;
    }

    private async Task<Answer> PollAsync(string handle, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var (status, answer) = await SendAsync(_ => new HttpRequestMessage(HttpMethod.Get, $"api/v2/statements/{handle}"), cancellationToken);
                if (status != HttpStatusCode.Accepted)
                    return answer;
                await Task.Delay(_options.PollInterval, _time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The caller gave up: the statement must not go on without anybody to read it.
            using var request = new HttpRequestMessage(HttpMethod.Post, $"api/v2/statements/{handle}/cancel");
            await CancelQuietlyAsync(request);
            throw;
        }
    }

    private async Task CancelQuietlyAsync(HttpRequestMessage request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), _time);
        Authorize(request);
        try
        {
            using var response = await _http.SendAsync(request, limit.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // Nothing to add to the cancellation that is already under way; the statement's own timeout ends it.
        }
    }

    private async Task<SnowflakeResult> ReadAsync(Answer answer, CancellationToken cancellationToken)
    {
        var handle = Handle(answer);
        var meta = answer.ResultSetMetaData ?? throw new SnowflakeException($"statement {handle}: the answer has no resultSetMetaData; expected a result set.", answer.Code ?? "", answer.SqlState ?? "");
        var rows = new List<string?[]>(answer.Data ?? []);
        for (var partition = 1; partition < meta.PartitionInfo.Length; partition++)
        {
            var number = partition;
            var (_, page) = await SendAsync(_ => new HttpRequestMessage(HttpMethod.Get, $"api/v2/statements/{handle}?partition={number}"), cancellationToken);
            rows.AddRange(page.Data ?? []);
        }

        if (rows.Count != meta.NumRows)
            throw new SnowflakeException($"statement {handle}: {rows.Count} rows arrived; expected {meta.NumRows}.", answer.Code ?? "", answer.SqlState ?? "");
        return new SnowflakeResult(handle, [.. meta.RowType.Select(column => new SnowflakeColumn(column.Name, column.Type))], rows);
    }

    private async Task<(HttpStatusCode Status, Answer Answer)> SendAsync(Func<int, HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        var delay = _options.RetryDelay;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var request = create(attempt);
                Authorize(request);
                using var response = await _http.SendAsync(request, cancellationToken);
                if (response.StatusCode != HttpStatusCode.TooManyRequests && (int)response.StatusCode < 500)
                    return (response.StatusCode, await AnswerAsync(response, cancellationToken));
                if (attempt + 1 >= _options.MaxAttempts)
                    await AnswerAsync(response, cancellationToken);
            }
            catch (HttpRequestException) when (attempt + 1 < _options.MaxAttempts)
            {
                // Out of reach: the same request id makes the next attempt safe.
            }

            await Task.Delay(delay, _time, cancellationToken);
            delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, LongestDelay.Ticks));
        }
    }

    private void Authorize(HttpRequestMessage request)
    {
        if (_token is null)
            return;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token.Current());
        request.Headers.Add("X-Snowflake-Authorization-Token-Type", "KEYPAIR_JWT");
    }

    private static async Task<Answer> AnswerAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        Answer? answer = null;
        try
        {
            answer = await response.Content.ReadFromJsonAsync<Answer>(Json, cancellationToken);
        }
        catch (JsonException) when (!response.IsSuccessStatusCode)
        {
            // A proxy's error page: the status below says what is known.
        }

        if (response.IsSuccessStatusCode && answer is not null)
            return answer;
        throw new SnowflakeException(answer?.Message ?? $"the SQL API answered {(int)response.StatusCode} {response.ReasonPhrase}", answer?.Code ?? "", answer?.SqlState ?? "");
    }

    private static string Handle(Answer answer) =>
        answer.StatementHandle ?? throw new SnowflakeException("the SQL API's answer has no statementHandle", answer.Code ?? "", answer.SqlState ?? "");
}
