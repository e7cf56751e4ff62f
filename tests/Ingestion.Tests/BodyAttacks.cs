using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>Sends what nobody should and checks that the answer, the log and the dead letters agree.</summary>
internal static class BodyAttacks
{
    private static readonly HttpStatusCode[] Expected =
        [HttpStatusCode.Accepted, HttpStatusCode.MultiStatus, HttpStatusCode.UnprocessableEntity, HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge];

    public static async Task SendAsync(TestIngestion app, byte[] body, string type)
    {
        var (stored, dead) = (app.Log.Count(Samples.Topic), app.Log.Count("test.visits.dlq"));
        var response = await app.PostAsync(body, type);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(Expected.Contains(response.StatusCode), $"{response.StatusCode}: {text}");
        var answer = JsonDocument.Parse(text).RootElement;
        var accepted = answer.TryGetProperty("accepted", out var yes) ? yes.GetInt32() : 0;
        var rejected = answer.TryGetProperty("rejected", out var no) ? no.GetInt32() : 0;
        Assert.Equal((accepted, rejected), (app.Log.Count(Samples.Topic) - stored, app.Log.Count("test.visits.dlq") - dead));
    }

    public static async Task FlipAsync(TestIngestion app, byte[] whole, string type, int seed, int cases)
    {
        var random = new Random(seed);
        for (var i = 0; i < cases; i++)
        {
            var changed = (byte[])whole.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            await SendAsync(app, changed, type);
        }
    }
}
