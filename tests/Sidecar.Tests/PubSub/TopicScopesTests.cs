using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.Tests.PubSub;

public sealed class TopicScopesTests
{
    [Theory]
    [InlineData("", "app1", "t", true)]
    [InlineData("app1=t", "app1", "t", true)]
    [InlineData("app1=t", "app1", "u", false)]
    [InlineData("app1=t", "app2", "u", true)]
    [InlineData("app1=t;app2=u", "app2", "t", false)]
    [InlineData("app1=t, u ; app2=v", "app1", "u", true)]
    [InlineData("app1=", "app1", "t", false)]
    [InlineData("app1", "app1", "t", true)]
    [InlineData("app1=t;app1=u", "app1", "u", true)]
    public void A_scope_opens_the_listed_topics_to_a_listed_app_and_all_to_others(string scopes, string app, string topic, bool expected)
    {
        Assert.Equal(expected, Of(app, ("publishingScopes", scopes)).MayPublish(topic));
        Assert.Equal(expected, Of(app, ("subscriptionScopes", scopes)).MaySubscribe(topic));
    }

    [Fact]
    public void Publishing_and_subscribing_have_scopes_of_their_own()
    {
        var scopes = Of("app1", ("PublishingScopes", "app1=t"), ("subscriptionscopes", "app1=u"));
        Assert.True(scopes.MayPublish("t"));
        Assert.False(scopes.MayPublish("u"));
        Assert.False(scopes.MaySubscribe("t"));
        Assert.True(scopes.MaySubscribe("u"));
    }

    [Fact]
    public void Topics_that_are_not_allowed_are_closed_even_to_a_scope_that_names_them()
    {
        var scopes = Of("app1", ("allowedTopics", "a, b"), ("publishingScopes", "app1=b,c"));
        Assert.False(scopes.MayPublish("a"));
        Assert.True(scopes.MayPublish("b"));
        Assert.False(scopes.MayPublish("c"));
        Assert.True(scopes.MaySubscribe("a"));
        Assert.False(scopes.MaySubscribe("c"));
    }

    [Fact]
    public void A_protected_topic_needs_a_scope_that_names_it()
    {
        var scopes = Of("app1", ("protectedTopics", "p,q"), ("publishingScopes", "app1=p"));
        Assert.True(scopes.MayPublish("p"));
        Assert.False(scopes.MayPublish("q"));
        Assert.False(scopes.MayPublish("open"));
        Assert.False(scopes.MaySubscribe("p"));
        Assert.True(scopes.MaySubscribe("open"));
    }

    private static TopicScopes Of(string app, params (string Name, string Value)[] settings) =>
        new(new ComponentSpec { Name = "pubsub", Type = "pubsub.in-memory", Metadata = SidecarHarness.Settings(settings) }, app);
}
