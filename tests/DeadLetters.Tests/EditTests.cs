using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.DeadLetters.Editing;

namespace RealTimeMesh.DeadLetters.Tests;

public sealed class EditTests
{
    [Fact]
    public async Task Many_letters_are_mended_by_an_expression_that_the_preview_has_shown_to_pass()
    {
        await using var mesh = await LettersMesh.StartAsync();
        await mesh.FailAsync(Enumerable.Range(0, 20).Select(n => Records.Record(LettersMesh.Trade(n, n < 15 ? "\"12.5 USD\"" : "\"?\""))).Append(Records.Record("not json")));
        var edit = new { filter = new { rule = "type" }, expression = "set price = cast(substr(price, 1, 4) as double) where price like '% USD'" };
        var preview = await mesh.PostAsync("/v1/edits/preview?samples=1", edit);
        Assert.Equal((21, 15, 15, 0), (preview.GetProperty("count").GetInt32(), preview.GetProperty("changes").GetInt32(), preview.GetProperty("passing").GetInt32(), preview.GetProperty("failing").GetInt32()));
        Assert.Equal(5, preview.GetProperty("skipped").GetProperty("nothing to change").GetInt32());
        var sample = preview.GetProperty("samples")[0];
        Assert.Equal(("12.5 USD", 12.5, "***"), (sample.GetProperty("before").GetProperty("value").GetProperty("price").GetString()!, sample.GetProperty("after").GetProperty("value").GetProperty("price").GetDouble(), sample.GetProperty("after").GetProperty("value").GetProperty("account").GetString()!));
        var job = await mesh.RunAsync("/v1/edits", new { edit.filter, edit.expression, token = preview.GetProperty("token").GetString() });
        Assert.Equal(("done", 15), (job.GetProperty("state").GetString()!, job.GetProperty("done").GetInt32()));
        var redrive = await mesh.PostAsync("/v1/redrives/preview", new { filter = new { } });
        Assert.Equal((15, 6), (redrive.GetProperty("passing").GetInt32(), redrive.GetProperty("failing").GetInt32()));
        await mesh.RunAsync("/v1/redrives", new { filter = new { } });
        var sent = (await mesh.MessagesAsync("ingest.market.trades")).Select(LettersMesh.Text).ToArray();
        Assert.Equal(15, sent.Count(text => text.Contains("\"price\":12.5,", StringComparison.Ordinal) && text.Contains("\"account\":\"secret-", StringComparison.Ordinal)));
        Assert.Contains(sent, text => text.Contains("data_base64", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_letter_is_edited_by_fields_keeps_what_was_masked_and_can_be_taken_back()
    {
        await using var mesh = await LettersMesh.StartAsync(token: "t");
        mesh.Http.DefaultRequestHeaders.Authorization = new("Bearer", "t");
        await mesh.FailAsync([Records.Record(LettersMesh.Trade(1)), Records.Record(LettersMesh.Trade(2), field: "account")]);
        const string Path = "/v1/letters/market.trades.dlq:";
        var id = (await mesh.GetAsync("/v1/letters?field=price")).GetProperty("items")[0].GetProperty("id").GetString()!;
        var path = $"/v1/letters/{id}";
        Assert.StartsWith(Path, path, StringComparison.Ordinal);
        var shown = await mesh.GetAsync(path);
        Assert.Equal("***", shown.GetProperty("original").GetProperty("value").GetProperty("account").GetString());
        Assert.Equal("secret-1", (await mesh.GetAsync($"{path}?unmask=true")).GetProperty("original").GetProperty("value").GetProperty("account").GetString());
        Assert.Equal("type", shown.GetProperty("contract").EnumerateArray().Single(field => field.GetProperty("problem").ValueKind != System.Text.Json.JsonValueKind.Null).GetProperty("problem").GetString());
        var personal = (await mesh.GetAsync("/v1/letters?field=account")).GetProperty("items")[0].GetProperty("reason");
        Assert.Equal("***", personal.GetProperty("found").GetString());
        Assert.DoesNotContain("text 'x'", personal.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty((await mesh.GetAsync("/v1/letters?text=secret-1")).GetProperty("items").EnumerateArray());
        Assert.Equal(1, (await mesh.GetAsync("/v1/letters?text=%22t1%22")).GetProperty("items").GetArrayLength());

        var preview = await mesh.PostAsync($"{path}/edit/preview", new { fields = new { price = 3.5 } });
        Assert.True(preview.GetProperty("verdict").GetProperty("passes").GetBoolean());
        var whole = shown.GetProperty("original").GetProperty("value").GetRawText().Replace("\"12.5 USD\"", "4.5", StringComparison.Ordinal);
        await mesh.PostAsync($"{path}/edit", new { value = System.Text.Json.JsonDocument.Parse(whole).RootElement, version = 0 });
        await mesh.PostAsync($"{path}/edit", new { fields = new { price = 9 }, version = 0 }, 409);
        var edited = await mesh.GetAsync($"{path}?unmask=true");
        Assert.Equal(("secret-1", 4.5), (edited.GetProperty("current").GetProperty("value").GetProperty("account").GetString()!, edited.GetProperty("current").GetProperty("value").GetProperty("price").GetDouble()));
        Assert.Equal(0, (await mesh.PostAsync($"{path}/undo")).GetProperty("version").GetInt32());
        await mesh.PostAsync($"{path}/undo", status: 409);
        await mesh.PostAsync($"{path}/edit", new { }, 400);
        await mesh.PostAsync($"{path}/edit", new { text = "a", base64 = "YQ==" }, 400);
        await mesh.PostAsync($"{path}/edit", new { base64 = "?" }, 400);
        Assert.Equal(["undone", "edited"], (await mesh.GetAsync(path)).GetProperty("history").EnumerateArray().Select(happened => happened.GetProperty("what").GetString()).Reverse());
        mesh.Http.DefaultRequestHeaders.Authorization = null;
        await mesh.GetAsync("/v1/groups", 401);
    }

    [Theory]
    [InlineData("set a = 1", "set a = 1")]
    [InlineData("set a = 'x, y where z', \"b c\" = coalesce(d, e) drop f, g where a in (1, 2) and set_x = 'set'", "set a = 'x, y where z', b c = coalesce(d, e) drop f, g where a in (1, 2) and set_x = 'set'")]
    [InlineData("SET a = case when b > 1 then 2 else 3 end WHERE c", "set a = case when b > 1 then 2 else 3 end where c")]
    [InlineData("drop x", "drop x")]
    public void An_edits_text_is_taken_apart(string text, string expected) => Assert.Equal(expected, EditParser.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("a = 1")]
    [InlineData("set a")]
    [InlineData("set a = ")]
    [InlineData("set a = 1, a = 2")]
    [InlineData("set a = 1 where")]
    [InlineData("drop ")]
    public void An_edit_that_says_nothing_is_refused(string text) =>
        Assert.Contains("expected", Assert.ThrowsAny<Exception>(() => EditParser.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Fields_have_the_types_of_their_values_and_null_where_they_are_absent()
    {
        var program = new EditProgram(EditParser.Parse("set n = n + 1, t = upper(t), b = not b, x = coalesce(missing, 'none'), _key = concat('k-', _key), o = length(o) drop gone where n > 1"), new Contracts.RowSchema([new Contracts.Field("missing", Contracts.FieldType.String, true)]));
        var message = System.Text.Json.Nodes.JsonNode.Parse("""{"n":2,"t":"a","b":true,"gone":1,"o":{"a":1},"big":12345678901234567890123}""")!.AsObject();
        string? key = "1";
        Assert.Null(program.Run(message, ref key).Fault);
        Assert.Equal("""{"n":3,"t":"A","b":false,"o":7,"big":12345678901234567890123,"x":"none"}""", message.ToJsonString());
        Assert.Equal("k-1", key);
        Assert.False(program.Run(System.Text.Json.Nodes.JsonNode.Parse("""{"n":1,"t":"a","b":true,"o":"x"}""")!.AsObject(), ref key).IsChanged);
        Assert.Contains("n = n + 1", program.Run(System.Text.Json.Nodes.JsonNode.Parse("""{"n":"text","t":"a","b":true,"o":"x"}""")!.AsObject(), ref key).Fault, StringComparison.Ordinal);
        Assert.Contains("twice", program.Run(System.Text.Json.Nodes.JsonNode.Parse("""{"n":1,"n":2}""")!.AsObject(), ref key).Fault, StringComparison.Ordinal);
    }
}
