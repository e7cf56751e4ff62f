using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Console.Tests;

public sealed class ConsoleHttpTests : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Live_sends_whole_snapshots_one_after_another()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        using var reader = new StreamReader(await _http.GetStreamAsync(new Uri(console.Url, "/api/live"), Cancel));
        var seen = new HashSet<long>();

        while (!seen.Contains(240_047 + 5))
        {
            var line = await reader.ReadLineAsync(Cancel);
            if (line is not { Length: > 0 })
                continue;
            using var snapshot = JsonDocument.Parse(line["data: ".Length..]);
            if (seen.Add(snapshot.RootElement.GetProperty("ledger").GetProperty("acked").GetInt64()) && seen.Contains(240_047))
                console.Mesh.Counts.Flow(5);
        }
    }

    [Fact]
    public async Task Many_browsers_cost_the_services_no_more_than_one()
    {
        await using var console = await ConsoleUnderTest.StartAsync("--MESH_CONSOLE_POLL_MS=3600000");
        var page = new Uri(console.Url, "/tables/flights/bronze.departures");
        await _http.GetStringAsync(page, Cancel);
        var before = console.Mesh.Lakehouse.Requests;

        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => _http.GetStringAsync(page, Cancel)));

        Assert.InRange(console.Mesh.Lakehouse.Requests - before, 0, 2);
    }

    [Fact]
    public async Task Personal_data_reaches_no_page_and_no_answer()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        var letters = "";
        for (var watch = Stopwatch.StartNew(); !letters.Contains("T-9", StringComparison.Ordinal) && watch.Elapsed < TimeSpan.FromSeconds(60);)
            letters = await _http.GetStringAsync(new Uri(console.Url, "/dead-letters?pipeline=market"), Cancel);
        var table = await _http.GetStringAsync(new Uri(console.Url, "/tables/market/bronze.trades"), Cancel);
        var view = await _http.GetStringAsync(new Uri(console.Url, "/views?pipeline=market&view=exposure"), Cancel);
        var snapshot = await _http.GetStringAsync(new Uri(console.Url, "/api/snapshot"), Cancel);

        Assert.Contains("T-9", letters);
        Assert.Contains("•••", WebUtility.HtmlDecode(letters));
        Assert.Contains("T-1", table);
        Assert.Contains("MSFT", view);
        Assert.DoesNotContain("ACC-", letters + table + view + snapshot);
    }

    [Fact]
    public async Task Assets_are_served_whatever_the_entry_assembly_is_and_pages_refuse_foreign_script()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        using var page = await _http.GetAsync(console.Url, Cancel);
        var html = await page.Content.ReadAsStringAsync(Cancel);

        foreach (var asset in (string[])["console.css", "console.js", "favicon.svg"])
        {
            var start = html.IndexOf($"/assets/{asset}", StringComparison.Ordinal);
            using var answer = await _http.GetAsync(new Uri(console.Url, html[start..html.IndexOf('"', start)]), Cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("immutable", answer.Headers.CacheControl!.ToString());
        }

        Assert.Contains("script-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task A_name_of_the_web_that_points_to_this_machine_is_refused()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(console.Url, "/api/snapshot"));
        request.Headers.Host = "evil.example";

        using var answer = await _http.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
    }

    [Fact]
    public async Task With_a_token_only_those_who_bring_it_come_in()
    {
        await using var console = await ConsoleUnderTest.StartAsync("--MESH_CONSOLE_TOKEN=sesame");

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(console, "/", _ => { }));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(console, "/api/snapshot?token=guess", _ => { }));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(console, "/healthz", _ => { }));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(console, "/metrics", request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sesame")));

        using var entered = await _http.GetAsync(new Uri(console.Url, "/tables?token=sesame"), Cancel);
        Assert.Equal((HttpStatusCode.Redirect, "/tables"), (entered.StatusCode, entered.Headers.Location!.OriginalString));
        var cookie = entered.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=strict", cookie);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(console, "/tables", request => request.Headers.Add("Cookie", cookie.Split(';')[0])));
    }

    [Theory]
    [InlineData("--urls=http://0.0.0.0:0")]
    [InlineData("--urls=http://127.0.0.1:0;http://*:0")]
    [InlineData("--urls=http://[::]:0")]
    [InlineData("--http_ports=8080")]
    public void Listening_beyond_this_machine_without_a_token_is_refused(string address)
    {
        var refused = Assert.Throws<ConfigurationException>(() => ConsoleApp.Build([address, $"--MESH_PIPELINES={ConsoleUnderTest.PipelinesPath}"]));

        Assert.Contains("MESH_CONSOLE_TOKEN", refused.Message);
    }

    [Fact]
    public void Pipelines_with_faults_are_all_named()
    {
        var refused = Assert.Throws<ConfigurationException>(() => ConsoleApp.Build(["--urls=http://127.0.0.1:0", $"--MESH_PIPELINES={ConsoleUnderTest.PipelinesPath}", "--MESH_PIPELINE=flihgts"]));

        Assert.Contains("flights", refused.Message);
    }

    private async Task<HttpStatusCode> StatusAsync(ConsoleUnderTest console, string path, Action<HttpRequestMessage> prepare)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(console.Url, path));
        prepare(request);
        using var answer = await _http.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}
