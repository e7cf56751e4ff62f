using System.Text;
using RealTimeMesh.Sidecar.Subscriptions;

namespace RealTimeMesh.Sidecar.Tests.Subscriptions;

public sealed class SubscriptionTableTests
{
    [Fact]
    public void First_document_and_last_entry_win_and_take_the_place_of_the_first_of_their_topic()
    {
        var (a1, a2, b) = (Of("a"), Of("a"), Of("b"));
        var (b1, b2, c) = (Of("b"), Of("b"), Of("c"));

        var merged = new SubscriptionTable([a1, a2, b], [b1, c, b2]).Merged();

        Assert.Equal([a1, b2, c], merged);
    }

    [Fact]
    public void Topics_of_different_components_are_different()
    {
        var (first, second) = (Of("a"), new SubscriptionDefinition { PubSub = "other", Topic = "a", Rules = [] });

        Assert.Equal([first, second], new SubscriptionTable([first, second], []).Merged());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void Entry_id_is_a_uuid_that_leads_back_to_its_place(int place)
    {
        var ids = BulkEntryIds.Create();
        var text = ids.Text(place);

        Assert.True(Guid.TryParse(text, out _));
        Assert.Equal(place, ids.PlaceOf(text));
        Assert.Equal(-1, BulkEntryIds.Create().PlaceOf(text));
        Assert.Equal(-1, ids.PlaceOf(text[..^1]));
        Assert.Equal(-1, ids.PlaceOf(text[..^1] + "g"));
    }

    [Theory]
    [InlineData("", nameof(EntryStatus.Success))]
    [InlineData("no json", nameof(EntryStatus.Success))]
    [InlineData("[1]", nameof(EntryStatus.Success))]
    [InlineData("{}", nameof(EntryStatus.Success))]
    [InlineData("{\"status\":\"\"}", nameof(EntryStatus.Success))]
    [InlineData("{\"status\":7}", nameof(EntryStatus.Success))]
    [InlineData("{\"Status\":\"DROP\"}", nameof(EntryStatus.Drop))]
    [InlineData("{\"other\":{\"status\":\"DROP\"},\"status\":\"RETRY\"}", nameof(EntryStatus.Retry))]
    [InlineData("{\"status\":\"WHAT\"}", nameof(EntryStatus.Unknown))]
    public void Answer_to_a_single_event_is_a_success_unless_it_says_otherwise(string answer, string expected) =>
        Assert.Equal(Enum.Parse<EntryStatus>(expected), AppStatusBody.Read(Encoding.UTF8.GetBytes(answer)));

    private static SubscriptionDefinition Of(string topic) => new() { PubSub = "pubsub", Topic = topic, Rules = [] };
}
